/** A file as text, put in by Vite. */
declare module "*?raw" {
  const text: string;
  export default text;
}

/** A worker whose code is carried inside the page, made by Vite. */
declare module "*?worker&inline" {
  const create: new () => Worker;
  export default create;
}
