// What an import of a style sheet gives: names of classes for a module, nothing for a plain one.

declare module '*.module.css' {
  const classes: Readonly<Record<string, string>>
  export default classes
}
declare module '*.css' {}
