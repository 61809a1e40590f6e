// Package words makes tables of what the projections answer: one glossary says what each column is called in Chinese and
// in English and what it holds, so that the command line, the pages and the files for download show the same under
// the same name.
package words
