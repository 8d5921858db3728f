import { encode } from 'uqr';

export type QrCode = { svg: string; widthMillimetres: number };

/** The longest text that gets a QR code: beyond, the page would have no room for one that can be read. */
export const longestQrText = 1800;

/** At 150 dpi 2.7 pixels a module, still read where the paper was scanned a little turned. */
const moduleMillimetres = 0.465;

/**
 * A text as a QR code of level M with its quiet zone, 60 mm wide up to about 1,000 characters; undefined where it is
 * too long. Takes some milliseconds: for the typesetter's thread.
 */
export function qrCode(text: string): QrCode | undefined {
  if (text.length > longestQrText) return undefined;
  const { size, data } = encode(text, { ecc: 'M', border: 4 });
  const path = data
    .flatMap((row, y) => runsOf(row).map(([from, to]) => `M${from} ${y}h${to - from}v1H${from}z`))
    .join('');
  return {
    svg: `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}"><path d="${path}"/></svg>`,
    widthMillimetres: Math.max(60, size * moduleMillimetres),
  };
}

/** Where dark modules stand side by side: one rectangle each makes a third of the file that one a module makes. */
function runsOf(row: readonly boolean[]): [from: number, to: number][] {
  const runs: [number, number][] = [];
  for (let from = row.indexOf(true); from !== -1; ) {
    const light = row.indexOf(false, from);
    const to = light === -1 ? row.length : light;
    runs.push([from, to]);
    from = row.indexOf(true, to);
  }
  return runs;
}
