import administration from './administration.fr.json' with { type: 'json' };
import approvals from './approvals.fr.json' with { type: 'json' };
import audit from './audit.fr.json' with { type: 'json' };
import common from './common.fr.json' with { type: 'json' };
import debits from './debits.fr.json' with { type: 'json' };
import mandates from './mandates.fr.json' with { type: 'json' };
import overview from './overview.fr.json' with { type: 'json' };
import requests from './requests.fr.json' with { type: 'json' };
import signIn from './sign-in.fr.json' with { type: 'json' };
import statements from './statements.fr.json' with { type: 'json' };
import work from './work.fr.json' with { type: 'json' };

/** The French messages of every section: what keys there are. A new section adds its line to each list. */
export const french = {
  ...administration,
  ...approvals,
  ...audit,
  ...common,
  ...debits,
  ...mandates,
  ...overview,
  ...requests,
  ...signIn,
  ...statements,
  ...work,
};

/** A message's name, `section.message`: one that the French files hold. */
export type WordKey = keyof typeof french;

/** For a key that is made of what is stored, such as a kind of the journal: a newer gateway may have stored it. */
export const isWordKey = (key: string): key is WordKey => Object.hasOwn(french, key);
