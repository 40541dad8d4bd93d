/** The commands' own way to it; the workflows' texts are formatted alike. */
export * from '../formatting';
