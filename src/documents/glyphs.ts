import { readFonts } from './fonts.ts';

/**
 * The characters of a text that the documents' font can't show, each once: an archivable PDF may hold none of them, so
 * a name is asked about them when it is entered. Accents that stand apart count with their letter.
 */
export function missingGlyphs(text: string): string[] {
  const shown = shownCharacters();
  return [...new Set(text.normalize('NFC'))].filter((character) => !shown.has(character));
}

let shown: ReadonlySet<string> | undefined;

/** What every font of the documents shows. Read at the first call: 800 kB of fonts, once. */
function shownCharacters(): ReadonlySet<string> {
  shown ??= readFonts()
    .map(charactersOf)
    .reduce((inAll, inOne) => inAll.intersection(inOne));
  return shown;
}

/**
 * The characters that a TrueType font maps to a glyph: its `cmap` subtable of format 4 (OpenType 1.9), which holds all
 * of the Basic Multilingual Plane. What lies beyond counts as missing: Amiri's bold has none of it.
 */
function charactersOf(font: Buffer): Set<string> {
  const cmap = tableOf(font, 'cmap');
  for (let at = 0; at < cmap.readUInt16BE(2); at += 1) {
    const subtable = cmap.subarray(cmap.readUInt32BE(8 + 8 * at));
    if (subtable.readUInt16BE(0) === 4) return new Set([...charactersOfSegments(subtable)].filter(isPrintable));
  }
  throw new Error('the font has no character map of format 4');
}

function tableOf(font: Buffer, tag: string): Buffer {
  for (let at = 0; at < font.readUInt16BE(4); at += 1) {
    const entry = font.subarray(12 + 16 * at, 28 + 16 * at);
    if (entry.toString('latin1', 0, 4) === tag) return font.subarray(entry.readUInt32BE(8));
  }
  throw new Error(`the font has no table ${tag}`);
}

/** Four arrays side by side: each segment's end, start, difference to the glyph, and where its glyphs stand in a list. */
function* charactersOfSegments(subtable: Buffer): Generator<string> {
  const arrayBytes = subtable.readUInt16BE(6);
  for (let at = 14; at < 14 + arrayBytes; at += 2) {
    const end = subtable.readUInt16BE(at);
    const start = subtable.readUInt16BE(at + arrayBytes + 2);
    const difference = subtable.readUInt16BE(at + 2 * arrayBytes + 2);
    const listOffsetAt = at + 3 * arrayBytes + 2;
    const listOffset = subtable.readUInt16BE(listOffsetAt);
    for (let code = start; code <= end && code < 0xffff; code += 1) {
      const listed = listOffset === 0 ? code : subtable.readUInt16BE(listOffsetAt + listOffset + 2 * (code - start));
      // Glyph 0 is the box that stands for "none".
      if (listed !== 0 && ((listed + difference) & 0xffff) !== 0) yield String.fromCharCode(code);
    }
  }
}

/** Control, private and invisible characters count as missing: an archive refuses some, the others turn or hide letters. */
const isPrintable = (character: string): boolean => !/[\p{Cc}\p{Cf}\p{Co}]/u.test(character);
