/**
 * The two readings of the method. `corrected` is ours and the default; `published` repeats what the released
 * FuseLLM code does (FuseAI repository, Wan et al., ICLR 2024), defects included, so that the method can be
 * checked against its own code. There is no third.
 *
 * A mode chooses the behaviours below the settings of a recipe: marker handling, tie order, the first-token
 * rule, duplicates, renormalisation, bfloat16 rewards. What a recipe writes down itself always wins.
 */
export const modes = ["corrected", "published"] as const;
export type Mode = (typeof modes)[number];
