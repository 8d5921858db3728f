/**
 * The banks by the first three digits of a RIB, as they are called in Algeria (DOMAIN, 1.2): to name what is typed, never
 * to refuse it. Which of them are this bank's own is a setting.
 */
export const bankNames: Readonly<Record<string, string>> = {
  '001': 'BNA',
  '002': 'BEA',
  '003': 'BADR',
  '004': 'CPA',
  '005': 'BDL',
  '006': 'El Baraka',
  '007': 'Algérie Poste (CCP)',
  '008': 'Trésor',
  '010': 'CNMA',
  '011': 'CNEP',
  '012': 'Citibank',
  '014': 'ABC',
  '020': 'Natixis',
  '021': 'Société Générale Algérie',
  '026': 'Arab Bank',
  '027': 'BNP Paribas El Djazaïr',
  '029': 'Trust Bank',
  '031': 'Housing Bank',
  '032': 'AGB',
  '035': 'Fransabank',
  '036': 'Calyon',
  '037': 'HSBC',
  '038': 'Al Salam',
  '111': "Banque d'Algérie",
};
