import { checkCount, checkPositive } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";

/** The size of a decoder-only transformer in GPT-2's layout. */
export interface TransformerConfig {
  /** V: token ids are 0 .. vocabulary-1. */
  readonly vocabulary: number;
  /** C: the greatest number of tokens in a row; there are that many learned positions. */
  readonly context: number;
  /** D: the width of the residual stream. */
  readonly width: number;
  /** L: the number of blocks. */
  readonly layers: number;
  /** H: the number of attention heads; each works in width / heads dimensions. */
  readonly heads: number;
  /** Probability of dropping an activation in training (GPT-2's three places); 0 by default. */
  readonly dropout: number;
  /** Added to the variance in layer norm; 1e-5 by default. */
  readonly epsilon: number;
  /** Standard deviation of initial weights; 0.02 by default, as in GPT-2. */
  readonly deviation: number;
}

/** A config as one writes it: what has a default may be left out. */
export type TransformerOptions = Pick<TransformerConfig, "vocabulary" | "context" | "width" | "layers" | "heads"> &
  Partial<TransformerConfig>;

/**
 * Fills in the defaults and checks every number.
 * @throws DomainError naming the first one that cannot be
 */
export function transformerConfig(options: TransformerOptions): TransformerConfig {
  const config: TransformerConfig = { dropout: 0, epsilon: 1e-5, deviation: 0.02, ...options };
  for (const name of ["vocabulary", "context", "width", "layers", "heads"] as const) {
    checkCount(`config.${name}`, config[name]);
  }
  if (config.width % config.heads !== 0) {
    const hint = "Each head gets an equal part of the width";
    throw new DomainError(complaint("config.width", `a multiple of heads, ${config.heads}`, config.width, hint));
  }
  if (!(Number.isFinite(config.dropout) && config.dropout >= 0 && config.dropout < 1)) {
    throw new DomainError(complaint("config.dropout", "a probability below 1", config.dropout));
  }
  for (const name of ["epsilon", "deviation"] as const) {
    checkPositive(`config.${name}`, config[name]);
  }
  return config;
}
