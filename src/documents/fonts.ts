import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { resolve } = createRequire(import.meta.url);

/** Amiri (OFL) sets both scripts, so that French and Arabic stand on one line in one face. */
const fontFiles = ['400Regular/Amiri_400Regular.ttf', '700Bold/Amiri_700Bold.ttf'] as const;

/** The fonts of the documents, whole: regular and bold. */
export const readFonts = (): Buffer[] =>
  fontFiles.map((file) => readFileSync(resolve(`@expo-google-fonts/amiri/${file}`)));
