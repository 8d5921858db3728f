import type { CoreReference } from '../../values/ids.ts';
import type { DebitInstruction } from '../port.ts';

/** The most transactions of one message (docs/CORE-BANKING-BUS.md, 'Transport'). */
const most = 500;

/** One line of a message: the instruction that is sent, and all those that it answers for. */
export type RoundLine<Instruction> = { first: Instruction; same: readonly Instruction[] };

/**
 * Messages to send one after the other, in the order asked. A reference stands in one message once: the same again is
 * the same line, and other content under it goes into a later message, for the bus to judge.
 */
export function roundsOf<Instruction extends DebitInstruction>(
  instructions: readonly Instruction[],
): RoundLine<Instruction>[][] {
  const rounds: { first: Instruction; same: Instruction[] }[][] = [];
  for (const instruction of instructions) {
    const known = rounds.flat().find(({ first }) => isSame(first, instruction));
    if (known !== undefined) {
      known.same.push(instruction);
      continue;
    }
    const last = rounds.at(-1);
    const line = { first: instruction, same: [instruction] };
    if (
      last !== undefined &&
      last.length < most &&
      !last.some(({ first }) => first.reference === instruction.reference)
    )
      last.push(line);
    else rounds.push([line]);
  }
  return rounds;
}

/** Each once, in the order asked. */
export function chunksOf(references: readonly CoreReference[]): CoreReference[][] {
  const each = [...new Set(references)];
  return Array.from({ length: Math.ceil(each.length / most) }, (_, at) => each.slice(at * most, (at + 1) * most));
}

/** A later `notAfter` makes it no other instruction. */
const isSame = (one: DebitInstruction, other: DebitInstruction): boolean =>
  one.reference === other.reference &&
  one.amount === other.amount &&
  one.debtor === other.debtor &&
  one.creditor === other.creditor &&
  originalOf(one) === originalOf(other);

const originalOf = (instruction: DebitInstruction): unknown =>
  'original' in instruction ? instruction.original : undefined;
