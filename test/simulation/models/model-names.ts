export const MODEL_NAMES = ['lost-replies', 'whole-stack', 'swap'] as const;
export type ModelName = (typeof MODEL_NAMES)[number];
