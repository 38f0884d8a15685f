// One figure of every kind, as a lesson would draw it: for tests that look at pixels, and for people (npm run figures).
import { bar, contour, type Figure, graph, heatmap, histogram, line, scatter, smallMultiples } from "rlhf-lab";

const grid = (low: number, high: number, count: number) =>
  Array.from({ length: count }, (_, i) => low + ((high - low) * i) / (count - 1));
const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));
/** A fixed, wiggly stand-in for noise, so that the gallery never changes. */
const wiggle = (i: number) => Math.sin(12.9898 * i) + Math.sin(4.1414 * i * i);

const x = grid(-5, 5, 101);
const temperatures = [0.5, 1, 2, 4];
const steps = grid(0, 200, 101);
const curve = (rate: number) => steps.map((step) => 1 - Math.exp(-rate * step));

const teams = ["Milwaukee", "Detroit", "Toronto", "New York", "Boston", "Cleveland", "Baltimore"];
const ability = [1.581, 1.436, 1.294, 1.248, 1.108, 0.684, 0];
const winRate = [0.679, 0.636, 0.59, 0.577, 0.538, 0.41, 0.169];
const standardError = [0.343, 0.34, 0.337, 0.336, 0.334, 0.332, 0.33];

const surface = (a: number, b: number) =>
  -Math.log(1 + Math.exp(-(a - b))) - 0.4 * Math.log(1 + Math.exp(a - b)) - 0.02 * (a + b) ** 2;

export const gallery: Record<string, Figure> = {
  line: line({
    title: "Win probability against ability difference",
    subtitle: "Bradley-Terry: P(i beats j) = sigmoid((theta_i - theta_j) / temperature)",
    x: { title: "ability difference", unit: "nats" },
    y: { title: "P(i beats j)", range: [0, 1] },
    series: temperatures.map((t) => ({ name: `temperature ${t}`, x, y: x.map((d) => sigmoid(d / t)) })),
    reference: [{ y: 0.5, label: "coin flip" }, { x: 0 }],
  }),
  band: line({
    title: "Reward while training, five seeds",
    x: { title: "training step" },
    y: { title: "mean reward", unit: "per episode" },
    series: [0.02, 0.008].map((rate, k) => ({
      name: ["PPO", "REINFORCE"][k],
      x: steps,
      y: curve(rate),
      band: {
        low: curve(rate).map((y) => y - 0.12 * (1.1 - y)),
        high: curve(rate).map((y) => y + 0.08 * (1.1 - y)),
        name: `${["PPO", "REINFORCE"][k]}: min to max`,
      },
    })),
  }),
  log: line({
    title: "Error against number of comparisons",
    x: { title: "comparisons", type: "log" },
    y: { title: "sup-norm error", unit: "nats", type: "log" },
    series: [
      {
        name: "measured",
        x: [30, 100, 300, 1000, 3000, 10000],
        y: [0.91, 0.43, 0.27, 0.13, 0.082, 0.041],
        markers: true,
      },
      { name: "bound", x: [30, 10000], y: [4.2, 0.23] },
    ],
  }),
  scatter: scatter({
    title: "Abilities against win rates, American League 1987",
    subtitle: "Baltimore fixed at 0; bars are 95 % intervals",
    x: { title: "win rate", range: [0.1, 0.75] },
    y: { title: "ability", unit: "nats" },
    series: [{ name: "teams", x: winRate, y: ability, labels: teams, error: standardError.map((s) => 1.96 * s) }],
    reference: [{ y: 0 }],
  }),
  clouds: scatter({
    title: "Gradient estimates",
    x: { title: "first coordinate" },
    y: { title: "second coordinate" },
    series: [
      {
        name: "no baseline",
        x: grid(0, 1, 300).map((_, i) => 2 * wiggle(i)),
        y: grid(0, 1, 300).map((_, i) => 2 * wiggle(i + 999)),
      },
      {
        name: "with baseline",
        x: grid(0, 1, 300).map((_, i) => 1 + 0.6 * wiggle(i + 77)),
        y: grid(0, 1, 300).map((_, i) => 0.5 + 0.6 * wiggle(i + 555)),
      },
    ],
    reference: [{ slope: 1, label: "y = x" }],
  }),
  bar: bar({
    title: "How well each method ranks, by share of flipped labels",
    x: { title: "method" },
    y: { title: "Kendall's tau" },
    categories: ["Borda", "Bradley-Terry", "Kemeny", "Copeland"],
    series: [
      { name: "10 % flipped", values: [0.82, 0.9, 0.88, 0.79], error: [0.04, 0.03, 0.03, 0.05] },
      {
        name: "30 % flipped",
        values: [0.61, 0.74, 0.69, 0.52],
        error: { low: [0.5, 0.66, 0.6, 0.4], high: [0.7, 0.8, 0.77, 0.62] },
      },
    ],
    reference: [{ y: 1, label: "perfect" }],
  }),
  horizontal: bar({
    title: "Abilities of seven teams",
    x: { title: "ability", unit: "nats" },
    y: { title: "team" },
    categories: teams,
    series: [{ name: "ability", values: ability, error: standardError }],
    horizontal: true,
  }),
  heatmap: heatmap({
    title: "P(row beats column)",
    x: { title: "loses", labels: teams },
    y: { title: "wins", labels: teams },
    color: { title: "probability", center: 0.5, range: [0, 1] },
    values: ability.map((a, i) => ability.map((b, j) => (i === j ? Number.NaN : sigmoid(a - b)))),
  }),
  attention: heatmap({
    title: "Which token earned the reward",
    x: { title: "token", labels: "Call me Ishmael Some years ago never mind how long".split(" ") },
    y: { title: "sample", labels: ["a", "b", "c"] },
    color: { title: "credit", unit: "reward" },
    values: [0, 1, 2].map((r) => grid(0, 1, 10).map((_, i) => Math.abs(wiggle(7 * r + i)))),
  }),
  contour: contour({
    title: "Log-likelihood of two abilities, and how Newton climbs it",
    x: { title: "theta_1", unit: "nats" },
    y: { title: "theta_2", unit: "nats" },
    color: { title: "log-likelihood", unit: "nats" },
    grid: {
      x: grid(-3, 3, 61),
      y: grid(-3, 3, 61),
      values: grid(-3, 3, 61).map((b) => grid(-3, 3, 61).map((a) => surface(a, b))),
    },
    paths: [{ name: "Newton", x: [-2.5, -0.9, 0.2, 0.46], y: [2.5, 1.2, -0.3, -0.46] }],
    points: [{ name: "maximum", x: 0.46, y: -0.46 }],
  }),
  histogram: histogram({
    title: "Length of answers before and after training",
    x: { title: "length", unit: "tokens" },
    series: [
      { name: "before", values: grid(0, 1, 600).map((_, i) => 40 + 9 * wiggle(i)) },
      { name: "after", values: grid(0, 1, 600).map((_, i) => 62 + 14 * wiggle(i + 3)) },
    ],
    density: true,
    reference: [{ x: 50, label: "limit" }],
  }),
  graph: graph({
    title: "A Condorcet cycle: every choice loses to another",
    subtitle: "arrows point from the winner to the loser; votes of 15",
    nodes: ["A", "B", "C", "D"].map((id) => ({ id, highlight: id !== "D" })),
    edges: [
      { from: "A", to: "B", label: "9 : 6", highlight: true },
      { from: "B", to: "C", label: "10 : 5", highlight: true },
      { from: "C", to: "A", label: "8 : 7", highlight: true },
      { from: "A", to: "D", label: "12 : 3" },
      { from: "B", to: "D", label: "11 : 4" },
      { from: "C", to: "D", label: "13 : 2" },
    ],
    legend: { highlight: "the cycle", plain: "majority prefers" },
  }),
};

gallery.named = graph({
  title: "Who cites whom",
  nodes: ["Biometrika", "JASA", "Annals", "Comm. Stat."].map((id) => ({ id })),
  edges: [
    { from: "Biometrika", to: "JASA", label: "730", width: 4 },
    { from: "JASA", to: "Biometrika", label: "498", width: 3 },
    { from: "Annals", to: "Biometrika", width: 2 },
    { from: "Comm. Stat.", to: "Annals", width: 1 },
  ],
});

gallery.multiples = smallMultiples({
  title: "What one temperature hides",
  figures: [
    line({
      title: "probability",
      x: { title: "difference", unit: "nats" },
      y: { title: "P(win)" },
      series: temperatures.map((t) => ({ name: `temperature ${t}`, x, y: x.map((d) => sigmoid(d / t)) })),
      reference: [{ y: 0.5 }],
    }),
    line({
      title: "slope",
      x: { title: "difference", unit: "nats" },
      y: { title: "dP/d(difference)", unit: "1/nats" },
      series: temperatures.map((t) => ({
        name: `temperature ${t}`,
        x,
        y: x.map((d) => (sigmoid(d / t) * sigmoid(-d / t)) / t),
      })),
    }),
    gallery.contour,
    gallery.heatmap,
  ],
});
