import project from '../../package.json' with { type: 'json' };

/** Version of this program: that of the project. */
export const VERSION: string = project.version;
