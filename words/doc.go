// Package words says what the ledger holds to people, in Chinese and in English.
//
// One glossary says what each column is called and what it holds, so that the command line, the pages and the files for download show the
// same under the same name: [Table] makes a table of rows that the projections answer. [Word] and its like name codes. A [Sheet] is a part
// of a report whose every cell is in both languages, and [Wrong] an error that tells a person in both what to change.
package words
