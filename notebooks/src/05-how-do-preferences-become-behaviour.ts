// %% [markdown]
// # 05 How do preferences become behaviour?

// %%
import { bradleyTerry, check } from "rlhf-lab";

// %% [markdown]
// ### Exercise 1. Learn the continuation, not the prompt
//
// *Difficulty 2 of 5, 8 minutes. Trains: equation (1), and which number is about which token.*
//
// Supervised fine-tuning makes the demonstrated continuation likely, and leaves the prompt alone: the prompt is given, nobody will have to write it. A row has $T$ tokens $y_0, \dots, y_{T-1}$; the first $P$
// (`promptTokens`, at least 1) are the prompt:
//
// $$\mathcal L = -\frac{1}{T - P} \sum_{t=P}^{T-1} \log \pi(y_t \mid y_0, \dots, y_{t-1}). \tag{1}$$
//
// What a language model says at position $t$ is about the *next* token. So `logProbs[t]` is $\log \pi(y_{t+1} \mid y_0, \dots, y_t)$, and there are $T - 1$ of them. With the prompt "Call me":
//
// | `t` | has read | `logProbs[t]` is about | counts |
// | --- | --- | --- | --- |
// | 0 | Call | me | no |
// | 1 | Call me | Ishmael | yes |
// | 2 | Call me Ishmael | . | yes |
//
// `trainSupervised` descends on the same loss, over the rows of a batch at once.
//
// <details><summary>Hint 1</summary>In the table P is 2, and the first entry that counts is number 1: it was made while reading the last token of the prompt.</details>
// <details><summary>Hint 2</summary>There are as many entries that count as tokens in the continuation. The mean is over them.</details>

// %% [exercise] 05/completion-loss
/** Equation (1), in nats per token. logProbs[t] = log p(token t + 1 | tokens 0 to t); tokens 0 to promptTokens - 1 are the prompt. */
function completionLoss(logProbs: number[], promptTokens: number): number {
  // #solution
  const completion = logProbs.slice(promptTokens - 1);
  return -completion.reduce((sum, logProb) => sum + logProb, 0) / completion.length;
  // #end
}

// %% [check] 05/completion-loss
await check("05/completion-loss", { completionLoss });

// %% [markdown]
// ### Exercise 2. A labeler
//
// *Difficulty 2 of 5, 10 minutes. Trains: equation (2), the only thing that the reward model will ever see of the truth.*
//
// Two continuations have the true utilities $u_1$ and $u_2$ (`uFirst`, `uSecond`, in nats). Our labelers prefer the better one more often than not; small differences confuse them, more so at a high
// temperature $\tau$; and in a share $\epsilon$ of cases (`lapse`) they do not look at all, and toss a coin:
//
// $$P(\text{first}) = \frac{\epsilon}{2} + (1 - \epsilon)\, \sigma\Bigl(\frac{u_1 - u_2}{\tau}\Bigr), \qquad \sigma(z) = \frac{1}{1 + e^{-z}}. \tag{2}$$
//
// The answer is a draw with this probability. `luck` is a number drawn uniformly from $[0, 1)$: the answer is 1 ("the first") if `luck` is below the probability, and 0 if not. `labelPairs` answers in this way for
// a whole list of pairs.
//
// <details><summary>Hint 1</summary>A number drawn from [0, 1) is below 0.8 in 80 of 100 cases.</details>
// <details><summary>Hint 2</summary>Take the difference of the utilities before any exponential: exp(1000) is Infinity, and Infinity / Infinity is not a number.</details>

// %% [exercise] 05/labeler
/** Equation (2): how probable it is that the first of two continuations is preferred. */
function firstProbability(
  uFirst: number,
  uSecond: number,
  { temperature, lapse }: { temperature: number; lapse: number },
): number {
  // #solution
  const sigmoid = 1 / (1 + Math.exp(-(uFirst - uSecond) / temperature));
  return lapse / 2 + (1 - lapse) * sigmoid;
  // #end
}

/** The labeler's answer: 1 for the first, 0 for the second. `luck` is uniform on [0, 1). */
function labelPair(
  uFirst: number,
  uSecond: number,
  noise: { temperature: number; lapse: number },
  luck: number,
): number {
  // #solution
  return luck < firstProbability(uFirst, uSecond, noise) ? 1 : 0;
  // #end
}

// %% [check] 05/labeler
await check("05/labeler", { firstProbability, labelPair });

// %% [markdown]
// ### Exercise 3. The accuracy that nobody can exceed
//
// *Difficulty 2 of 5, 8 minutes. Trains: what to compare a reward model's accuracy with.*
//
// Somebody who knows all true utilities, and still not the labelers' luck, has to guess their answers. The best guess for a pair is the likelier answer. It is right with probability $\max(p, 1 - p)$; over $n$ comparisons
//
// $$\mathrm{ceiling} = \frac1n \sum_{k=1}^{n} \max(p_k, 1 - p_k), \qquad p_k = P(\text{first} \mid u_{1k} - u_{2k}). \tag{3}$$
//
// It is this number, which may be far from 1, that a reward model's accuracy on new comparisons is to be held against. `differences[k]` is $u_{1k} - u_{2k}$, and `bradleyTerry.probability(difference, noise)` is equation (2). (`labelCeiling` does this for the pipeline's comparisons.)
//
// <details><summary>Hint</summary>Ties are comparisons too. What can one know about the answer to a tie?</details>

// %% [exercise] 05/ceiling
/** Equation (3): the expected share of the labelers' answers that is guessed by somebody who knows the true differences. */
function accuracyCeiling(differences: number[], noise: { temperature: number; lapse: number }): number {
  // #solution
  const best = differences.map((difference) => {
    const p = bradleyTerry.probability(difference, noise);
    return Math.max(p, 1 - p);
  });
  return best.reduce((sum, p) => sum + p, 0) / best.length;
  // #end
}

// %% [check] 05/ceiling
await check("05/ceiling", { accuracyCeiling });

// %% [markdown]
// ### Exercise 4. How likely is a whole continuation?
//
// *Difficulty 1 of 5, 5 minutes. Trains: equation (4), which every method from here on is built of.*
//
// A continuation $y$ is written token by token, so its probability is a product, and its log-probability a sum:
//
// $$\log \pi(y \mid x) = \sum_{t} m_t \log \pi(y_t \mid x, y_{<t}). \tag{4}$$
//
// From here on the log-probabilities are shifted already: `logProbs[t]` is about token `t` itself. `mask[t]` is 1 for tokens of the continuation, and 0 for those of the prompt and for the padding that fills the row; what stands in `logProbs` there
// means nothing, and may be $-\infty$. (`completionLogProbs` computes this for many rows.)
//
// <details><summary>Hint</summary>0 times -Infinity is not a number. Leave masked entries out instead of multiplying.</details>

// %% [exercise] 05/sequence-log-prob
/** Equation (4), in nats: the log-probability of all tokens whose mask is 1 together. */
function sequenceLogProb(logProbs: number[], mask: number[]): number {
  // #solution
  return logProbs.reduce((sum, logProb, t) => (mask[t] === 1 ? sum + logProb : sum), 0);
  // #end
}

// %% [check] 05/sequence-log-prob
await check("05/sequence-log-prob", { sequenceLogProb });

// %% [markdown]
// ### Exercise 5. A reward for each token
//
// *Difficulty 2 of 5, 10 minutes. Trains: equation (5): its sign, and its pair of policies.*
//
// The reward model speaks once, at the end. The price of leaving the reference is due at each token (Stiennon and others 2020):
//
// $$r_t = -\beta\,\bigl(\log \pi_{\mathrm{new}}(y_t) - \log \pi_{\mathrm{ref}}(y_t)\bigr) + \begin{cases} R(x, y) & t = T - 1 \\ 0 & \text{else,} \end{cases} \qquad t = 0, \dots, T - 1. \tag{5}$$
//
// Here $T$ counts the tokens of the continuation alone (each $\log \pi$ is given the prompt and the tokens before). Summed over a continuation and averaged over what the policy writes, this is $\mathbb E[R] - \beta\,\mathrm{KL}(\pi_{\mathrm{new}} \,\|\, \pi_{\mathrm{ref}})$.
//
// | On paper | In code | Whose |
// | --- | --- | --- |
// | $\log \pi_{\mathrm{new}}(y_t)$ | `logpNew[t]` | of the policy in training |
// | $\log \pi_{\mathrm{ref}}(y_t)$ | `logpRef[t]` | of the fine-tuned model, which stays as it is |
// | $\log \pi_{\mathrm{old}}(y_t)$ | `logpOld[t]` | of the policy a few updates ago |
//
// A trainer has all three at hand. The old policy belongs to another question (how far one step may go, lesson 08) and has no part in equation (5). The library's `klShapedRewards` is not even given it.
//
// <details><summary>Hint</summary>A token that the new policy likes better than the reference does costs something. One that it likes less brings something in: that is meant, and only the sum is a KL, on average.</details>

// %% [exercise] 05/kl-shaped
/** Equation (5): T rewards for the T tokens of a continuation; `reward` is R(x, y). */
function tokenRewards(
  logp: { logpNew: number[]; logpOld: number[]; logpRef: number[] },
  reward: number,
  beta: number,
): number[] {
  // #solution
  const { logpNew, logpRef } = logp;
  const last = logpNew.length - 1;
  return logpNew.map((own, t) => -beta * (own - logpRef[t]) + (t === last ? reward : 0));
  // #end
}

// %% [check] 05/kl-shaped
await check("05/kl-shaped", { tokenRewards });

// %% [markdown]
// ### Exercise 6. Which beta for a budget of nats?
//
// *Difficulty 3 of 5, 15 minutes. Trains: equation (6), and what beta means: a price whose unit is reward per nat.*
//
// How large is a beta of 0.1? That depends on the unit of the reward. A budget in nats means the same for every reward. If all outcomes can be listed, the best policy at the price $\beta$ is known in closed form, and so is its distance from the reference:
//
// $$\pi_\beta(y) = \frac{\mathrm{ref}(y)\, e^{r(y)/\beta}}{Z_\beta}, \quad Z_\beta = \sum_y \mathrm{ref}(y)\, e^{r(y)/\beta}, \qquad \mathrm{KL}(\pi_\beta \,\|\, \mathrm{ref}) = \sum_y \pi_\beta(y) \log \frac{\pi_\beta(y)}{\mathrm{ref}(y)}. \tag{6}$$
//
// The KL falls as $\beta$ rises: what costs more is used less. So the beta of a given KL is found by bisection. Search $\log \beta$ between $-15$ and $15$: halve the interval, and keep the half where the target lies, until the KL is right to a millionth of itself.
// (`betaForKl` in the library.)
//
// <details><summary>Hint 1</summary>If the KL in the middle is above the target, beta has to grow: the middle is the new lower end. Sixty halvings cost nothing.</details>
// <details><summary>Hint 2</summary>Adding a constant to all rewards changes nothing, as Z takes it out again. Subtract the largest reward first, and no exponential overflows, however small beta is.</details>
// <details><summary>Hint 3</summary>log(pi(y) / ref(y)) is r(y) / beta - log Z. In this form an outcome whose probability has become 0 does no harm.</details>

// %% [exercise] 05/beta-for-kl
/** The beta at which KL(pi_beta || ref) of equation (6) is `target` nats. ref[y] > 0 are probabilities, rewards[y] any numbers. */
function findBeta(ref: number[], rewards: number[], target: number): number {
  // #solution
  const best = Math.max(...rewards);
  const klOf = (beta: number) => {
    const scores = rewards.map((reward) => (reward - best) / beta);
    const weights = ref.map((p, y) => p * Math.exp(scores[y]));
    const z = weights.reduce((a, b) => a + b, 0);
    return weights.reduce((sum, weight, y) => sum + (weight / z) * (scores[y] - Math.log(z)), 0);
  };
  let [low, high] = [-15, 15];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (klOf(Math.exp(middle)) > target) low = middle;
    else high = middle;
  }
  return Math.exp((low + high) / 2);
  // #end
}

// %% [check] 05/beta-for-kl
await check("05/beta-for-kl", { findBeta });
