export const MODEL_NAMES = ['lost-replies', 'whole-stack'] as const;
export type ModelName = (typeof MODEL_NAMES)[number];
