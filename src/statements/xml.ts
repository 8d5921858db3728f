/** An element's content: text, or its children in their order. Undefined leaves the element out. */
export type XmlContent = string | readonly XmlNode[];
export type XmlNode = readonly [
  name: string,
  content: XmlContent | undefined,
  attributes?: Readonly<Record<string, string>>,
];

/**
 * An element as text, for documents of a million: a builder that keeps its nodes takes a hundred times as long. Names
 * are the program's own; text is escaped, and what XML can't hold at all is refused.
 */
export function xmlText([name, content, attributes]: XmlNode): string {
  if (content === undefined) return '';
  const inner = typeof content === 'string' ? escaped(content) : content.map(xmlText).join('');
  return `${xmlStart(name, attributes)}${inner}</${name}>`;
}

/** Its start alone, for an element whose children come piece by piece. */
export const xmlStart = (name: string, attributes: Readonly<Record<string, string>> = {}): string =>
  `<${name}${Object.entries(attributes)
    .map(([attribute, value]) => ` ${attribute}="${escaped(value)}"`)
    .join('')}>`;

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
};
// biome-ignore lint/suspicious/noControlCharactersInRegex: those that XML 1.0 has no form for.
const impossible = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u;

function escaped(text: string): string {
  if (impossible.test(text)) throw new RangeError('a text has a character that XML can not hold');
  return text.replace(/[&<>"\r]/g, (character) => escapes[character] ?? character);
}
