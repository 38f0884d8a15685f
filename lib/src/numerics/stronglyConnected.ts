/**
 * The strongly connected components of a directed graph with `nodes` nodes and an edge from[k] -> to[k] for every k
 * (Tarjan 1972, without recursion, so that a long chain cannot overflow the stack). Time and memory O(nodes + edges).
 * Components come sinks first: an edge between two components leads from a later one to an earlier one.
 */
export function stronglyConnectedComponents(nodes: number, from: ArrayLike<number>, to: ArrayLike<number>): number[][] {
  const { start, target } = adjacency(nodes, from, to);
  const order = new Int32Array(nodes).fill(-1);
  const low = new Int32Array(nodes);
  const onStack = new Uint8Array(nodes);
  const next = start.slice(0, nodes);
  const stack: number[] = [];
  const components: number[][] = [];
  let visited = 0;

  for (let root = 0; root < nodes; root++) {
    if (order[root] >= 0) continue;
    const path = [root];
    while (path.length > 0) {
      const node = path[path.length - 1];
      if (order[node] < 0) {
        order[node] = low[node] = visited++;
        stack.push(node);
        onStack[node] = 1;
      }
      if (next[node] < start[node + 1]) {
        const other = target[next[node]++];
        if (order[other] < 0) path.push(other);
        else if (onStack[other]) low[node] = Math.min(low[node], order[other]);
        continue;
      }
      path.pop();
      if (path.length > 0) low[path[path.length - 1]] = Math.min(low[path[path.length - 1]], low[node]);
      if (low[node] !== order[node]) continue;
      const component: number[] = [];
      for (let member = -1; member !== node; ) {
        member = stack.pop()!;
        onStack[member] = 0;
        component.push(member);
      }
      components.push(component.sort((a, b) => a - b));
    }
  }
  return components;
}

/** The connected components when every edge may be walked both ways, each sorted, in order of their first node. */
export function connectedComponents(nodes: number, from: ArrayLike<number>, to: ArrayLike<number>): number[][] {
  const parent = Int32Array.from({ length: nodes }, (_, node) => node);
  const find = (node: number): number => {
    let root = node;
    while (parent[root] !== root) {
      parent[root] = parent[parent[root]];
      root = parent[root];
    }
    return root;
  };
  for (let k = 0; k < from.length; k++) parent[find(from[k])] = find(to[k]);
  const byRoot = new Map<number, number[]>();
  for (let node = 0; node < nodes; node++) {
    const root = find(node);
    const members = byRoot.get(root);
    if (members) members.push(node);
    else byRoot.set(root, [node]);
  }
  return [...byRoot.values()];
}

/** Edges grouped by their source: the targets of node i are target[start[i]] .. target[start[i + 1] - 1]. */
function adjacency(nodes: number, from: ArrayLike<number>, to: ArrayLike<number>) {
  const start = new Int32Array(nodes + 1);
  for (let k = 0; k < from.length; k++) start[from[k] + 1]++;
  for (let node = 0; node < nodes; node++) start[node + 1] += start[node];
  const place = start.slice(0, nodes);
  const target = new Int32Array(from.length);
  for (let k = 0; k < from.length; k++) target[place[from[k]]++] = to[k];
  return { start, target };
}
