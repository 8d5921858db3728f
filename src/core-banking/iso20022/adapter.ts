import type { CoreReference } from '../../values/ids.ts';
import type { CoreBanking, DebitInstruction, InquiryOutcome, MoveOutcome, VoidOutcome } from '../port.ts';
import { type BusParts, converse, deadline, documentOf, headingOf, posted } from './converse.ts';
import type { Asked, Instructed } from './lines.ts';
import { judgeAccountReport } from './read-account.ts';
import { judgeStatusReport, type Said } from './read-status.ts';
import { judgeResolution } from './read-voids.ts';
import { chunksOf, roundsOf } from './rounds.ts';
import { readStatement } from './statement.ts';
import {
  type Heading,
  writeAccountLookUp,
  writeDebits,
  writeInquiry,
  writeReversals,
  writeVoids,
} from './write-messages.ts';

/** The bank's own bus, spoken to in ISO 20022 over HTTPS (docs/CORE-BANKING-BUS.md). */
export function iso20022CoreBanking(parts: BusParts): CoreBanking {
  const inquire = (references: readonly CoreReference[], until: AbortSignal) => inquireAll(parts, references, until);
  return {
    properties: parts.properties,
    debit: (instructions) => moveAll(parts, 'pacs.003', instructions, writeDebits),
    reverse: (instructions) => moveAll(parts, 'pacs.007', instructions, writeReversals),
    inquire: async (references) => {
      const outcomes = await inquire(references, deadline(parts));
      return references.map((reference) => outcomes.get(reference) ?? noAnswer);
    },
    void: async (references) => {
      const until = deadline(parts);
      const outcomes = await voidAll(parts, references, until, inquire);
      return references.map((reference) => outcomes.get(reference) ?? noAnswer);
    },
    async lookUpAccount(rib) {
      const heading = headingOf(parts, 'acmt.023');
      const exchange = await parts.bus.exchange(posted(writeAccountLookUp(heading, rib)), deadline(parts));
      const read = documentOf(parts, exchange, 'acmt.024');
      const judged = read === undefined ? unreachable : judgeAccountReport(read.root, heading.messageId, rib);
      if (judged.outcome === 'UNREACHABLE' && exchange.outcome === 'ANSWERED') exchange.giveUp();
      return judged;
    },
    movements: (day) => readStatement(parts, day),
  };
}

const nothingKnown: Instructed = { instructions: [], notBefore: undefined, ofReversal: false };
const unreachable = { outcome: 'UNREACHABLE' } as const;
const noAnswer = { outcome: 'NO_ANSWER' } as const;
const inDoubt = { outcome: 'IN_DOUBT' } as const;

/** Sends each instruction once, those of one message together, and never again by itself. */
async function moveAll<Instruction extends DebitInstruction>(
  parts: BusParts,
  message: 'pacs.003' | 'pacs.007',
  instructions: readonly Instruction[],
  write: (heading: Heading, instructions: readonly Instruction[]) => Buffer,
): Promise<MoveOutcome[]> {
  const until = deadline(parts);
  const outcomes = new Map<Instruction, MoveOutcome>();
  for (const round of roundsOf(instructions)) {
    const asked = round.map(({ first }) => {
      const { reference, notBefore } = first;
      return { reference, instructions: [first], notBefore, ofReversal: message === 'pacs.007' };
    });
    const said = await converse(parts, {
      message,
      answer: 'pacs.002',
      write: (heading) =>
        write(
          heading,
          round.map(({ first }) => first),
        ),
      subjects: asked.map(({ reference, instructions: [instruction] }) => ({ reference, instruction })),
      judge: (root, messageId) => judgeStatusReport(root, messageId, asked, parts.now()),
      until,
    });
    for (const [position, { same }] of round.entries())
      for (const instruction of same) outcomes.set(instruction, moveOutcomeOf(said?.[position]));
  }
  return instructions.map((instruction) => outcomes.get(instruction) ?? inDoubt);
}

/** A void, and a reference that the bus does not know, are no answer to an instruction that it was just sent. */
function moveOutcomeOf(said: Said | undefined): MoveOutcome {
  switch (said?.meaning) {
    case 'MOVED':
      return { outcome: 'MOVED', booking: said.booking };
    case 'REFUSED':
      return { outcome: 'REFUSED', reason: said.reason };
    case 'VOIDED':
    case 'UNKNOWN':
    case 'SILENT':
    case undefined:
      return inDoubt;
  }
}

async function inquireAll(
  parts: BusParts,
  references: readonly CoreReference[],
  until: AbortSignal,
): Promise<Map<CoreReference, InquiryOutcome>> {
  const outcomes = new Map<CoreReference, InquiryOutcome>();
  for (const chunk of chunksOf(references)) {
    const asked = await askedOf(parts, chunk);
    if (asked === undefined) continue;
    const said = await converse(parts, {
      message: 'pacs.028',
      answer: 'pacs.002',
      write: (heading) => writeInquiry(heading, chunk),
      subjects: chunk.map((reference) => ({ reference, instruction: undefined })),
      judge: (root, messageId) => judgeStatusReport(root, messageId, asked, parts.now()),
      until,
    });
    for (const [position, reference] of chunk.entries()) outcomes.set(reference, inquiryOutcomeOf(said?.[position]));
  }
  return outcomes;
}

function inquiryOutcomeOf(said: Said | undefined): InquiryOutcome {
  switch (said?.meaning) {
    case 'MOVED':
      return { outcome: 'MOVED', booking: said.booking };
    case 'REFUSED':
      return { outcome: 'REFUSED', reason: said.reason };
    case 'VOIDED':
      return { outcome: 'VOIDED' };
    case 'UNKNOWN':
      return { outcome: 'UNKNOWN' };
    case 'SILENT':
    case undefined:
      return noAnswer;
  }
}

/** What the answers will be held against. Undefined where that can't be read: then nothing is asked. */
async function askedOf(parts: BusParts, references: readonly CoreReference[]): Promise<Asked[] | undefined> {
  try {
    const sent = await parts.messages.instructionsSent(references);
    return references.map((reference) => ({ reference, ...(sent.get(reference) ?? nothingKnown) }));
  } catch (fault) {
    parts.onFault(fault);
    return undefined;
  }
}

async function voidAll(
  parts: BusParts,
  references: readonly CoreReference[],
  until: AbortSignal,
  inquire: (references: readonly CoreReference[], until: AbortSignal) => Promise<Map<CoreReference, InquiryOutcome>>,
): Promise<Map<CoreReference, VoidOutcome>> {
  const outcomes = new Map<CoreReference, VoidOutcome>();
  const unsaid: CoreReference[] = [];
  for (const chunk of chunksOf(references)) {
    const said = await converse(parts, {
      message: 'camt.056',
      answer: 'camt.029',
      write: (heading) => writeVoids(heading, chunk, parts.bankCode),
      subjects: chunk.map((reference) => ({ reference, instruction: undefined })),
      judge: (root, messageId) => judgeResolution(root, messageId, chunk),
      until,
    });
    for (const [position, reference] of chunk.entries()) {
      if (said?.[position] === 'VOIDED') outcomes.set(reference, { outcome: 'VOIDED' });
      if (said?.[position] === 'NOT_VOIDED') unsaid.push(reference);
    }
  }
  // camt.029 has no place for what stands in a void's way: the inquiry tells it.
  for (const [reference, found] of await inquire(unsaid, until))
    if (found.outcome !== 'UNKNOWN') outcomes.set(reference, found);
  return outcomes;
}
