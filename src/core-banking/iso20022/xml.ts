import { ParseOption, XmlCData, XmlComment, XmlDocument, XmlElement as XmlNode, XmlText } from 'libxml2-wasm';
import { create } from 'xmlbuilder2';

/**
 * One element as it was read. `name` is the local name where the element is in its document's namespace, else
 * "{namespace}local". `text` is its own text, without that of its children.
 */
export type XmlElement = {
  name: string;
  attributes: ReadonlyMap<string, string>;
  text: string;
  children: readonly XmlElement[];
};

export type ReadDocument = { namespace: string; root: XmlElement };

/** Elements of one document. A statement's page of 1,000 entries has about 40,000. */
const maximumElements = 150_000;

const options = ParseOption.XML_PARSE_NONET | ParseOption.XML_PARSE_NO_XXE | ParseOption.XML_PARSE_IGNORE_ENC;

/**
 * Reads a document of somebody else's: UTF-8, well-formed, without DTD, entities of its own or processing instructions,
 * within bounds. Anything else is undefined. The word "<!DOCTYPE" is refused before anything is parsed, wherever it is.
 */
export function readDocument(bytes: Uint8Array, maximumBytes: number): ReadDocument | undefined {
  if (bytes.byteLength > maximumBytes) return undefined;
  const text = utf8(bytes);
  // A zero byte would let the parser take the document for UTF-16, which the look at its text has not seen.
  if (text === undefined || text.includes('\0') || /<!(DOCTYPE|ENTITY)/i.test(text)) return undefined;
  const document = parse(text);
  if (document === undefined) return undefined;
  try {
    if (document.dtd !== null) return undefined;
    const namespace = document.root.namespaceUri;
    return { namespace, root: elementOf(document.root, namespace, { elements: maximumElements }) };
  } catch (fault) {
    if (fault instanceof Unreadable) return undefined;
    throw fault;
  } finally {
    // The tree is memory of the WebAssembly module, which no garbage collector sees.
    document.dispose();
  }
}

/** The element at the end of the path. Undefined where a step is missing, or stands there twice and so says nothing. */
export function only(element: XmlElement | undefined, ...path: readonly string[]): XmlElement | undefined {
  let found = element;
  for (const name of path) {
    const [first, second] = childrenOf(found, name);
    found = second === undefined ? first : undefined;
  }
  return found;
}

/** The text at the end of the path, without the blanks around it. Undefined where there is none. */
export function textAt(element: XmlElement | undefined, ...path: readonly string[]): string | undefined {
  const text = only(element, ...path)?.text.trim();
  return text === '' ? undefined : text;
}

export const childrenOf = (element: XmlElement | undefined, name: string): readonly XmlElement[] =>
  element?.children.filter((child) => child.name === name) ?? [];

/** What is to be written: names in order, "@name" an attribute, "#" the text beside attributes, a list repeats its name. */
export type XmlContent = { readonly [name: string]: string | XmlContent | readonly XmlContent[] };

/** Writes `Document` in that namespace, UTF-8. Throws on characters that XML can't hold: none of our values has any. */
export function writeDocument(namespace: string, content: XmlContent): Buffer {
  const document = create({ version: '1.0', encoding: 'UTF-8' }, { Document: { '@xmlns': namespace, ...content } });
  return Buffer.from(document.end({ wellFormed: true }), 'utf8');
}

class Unreadable extends Error {}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function parse(text: string): XmlDocument | undefined {
  try {
    return XmlDocument.fromString(text, { option: options });
  } catch {
    return undefined;
  }
}

function elementOf(node: XmlNode, namespace: string, left: { elements: number }): XmlElement {
  left.elements -= 1;
  if (left.elements < 0) throw new Unreadable();
  const children: XmlElement[] = [];
  let text = '';
  for (let child = node.firstChild; child !== null; child = child.next) {
    if (child instanceof XmlNode) children.push(elementOf(child, namespace, left));
    else if (child instanceof XmlText || child instanceof XmlCData) text += child.content;
    else if (!(child instanceof XmlComment)) throw new Unreadable();
  }
  const name = node.namespaceUri === namespace ? node.name : `{${node.namespaceUri}}${node.name}`;
  return { name, attributes: new Map(node.attrs.map((one) => [one.name, one.value])), text, children };
}
