// Package tabular writes one table of answers the way each reader wants it: aligned for a terminal, CSV for a spreadsheet
// or a script, JSON for a program, an Excel workbook to hand upward, Parquet for an analyst. It knows nothing of what the
// table is about.
//
// # A table
//
// A Table has columns, each of one Kind, and a sequence of rows, which is read once and never held whole. A cell is nil where
// there is nothing to state, which is never shown as zero. What a cell may be, by the Kind of its column:
//
//	Text      a kind of string, or anything with String; UTF-8
//	Money     decimal.Decimal, or anything with Decimal() decimal.Decimal; CNY; a third decimal is an error, never rounded
//	Ratio     the same; rounded half up to four places: 0.9000 is 90 %
//	Integer   int, int64, uint64; at most 2^63-1
//	Date      time.Time (its date where its zone says), or "2025-03-01", or anything with such a String
//	Time      time.Time
//	Bool      bool
//
// An empty text in a column that is not Text counts as nil, as do a nil pointer and an invalid decimal.NullDecimal.
//
// # How each format writes it
//
//	          Text        Money       Ratio       Integer   Date         Time                  Bool     nil
//	table     visible     1,234.00    90.00%      1234      2025-03-01   2025-03-01 16:00:00   是/yes   -, or what the column says
//	csv       neutralised 1234.00     0.9000      1234      2025-03-01   2025-03-01T08:00:00Z  true     empty
//	json      string      "1234.00"   "0.9000"    1234      "2025-03-01" "2025-03-01T08:…Z"    true     null
//	xlsx      text        1234.00     0.9000      1234      serial day   serial day            boolean  empty
//	parquet   string      dec(18,2)   dec(18,4)   int64     date         timestamp µs, UTC     boolean  null
//
// Moments are written in UTC for machines (csv, json, parquet) and as Asia/Shanghai shows them for people (table, xlsx).
//
// table is for people: headings in their language, amounts grouped and to the right, a line of totals, then the Meta. Where a unit
// was given, amounts are in it, ≈ marks what that rounds, and the totals are those of the exact amounts. Widths
// are display cells, in which a Chinese character takes two. They are measured over the first 2,000 rows; a later row that
// needs more takes it. Where a width was given, the table is made to fit it: columns of prose (text with a space or beyond ASCII) are cut
// with …, to 12 cells; then columns are left out, those that can be spared most first (Spare), and named below; then prose is cut to 8 cells.
// Identifiers, amounts and dates are never cut, and the first column is never left out. Control and formatting characters are shown as escapes, so that no
// text can steer the terminal.
//
// csv is RFC 4180 (lines end in CR LF) in UTF-8 with a byte-order mark, without which Excel misreads Chinese. Text that a
// spreadsheet would run as a formula (after any apostrophes, it opens with = + - @, a full-width ＝ ＋ － ＠, TAB, CR, LF or NUL) gets
// one more leading apostrophe; taking one away gives the text back. Amounts are never changed.
//
// json is one array of objects, members in the order of the columns; ndjson is the same objects, one a line.
//
// xlsx has a frozen bold heading on each sheet, at most 1,048,575 rows below it, and a last sheet with the number of rows, the
// totals and the Meta. The stored text of an amount is exactly its decimal with two places (Excel itself computes with 15
// digits). Text is stored as text, never as number or formula; characters that XML cannot hold are written _xHHHH_, as Excel
// does. Every sheet prints on A4, lying, as wide as the page, with its heading on each page, the unit of amounts above and "page
// x of y" below. More than 32,767 UTF-16 units in a cell, or 16,384 columns, are an error.
//
// parquet holds the Meta, the number of rows (control.rows) and the totals (control.total.NAME) as key-value metadata; every column
// is optional.
//
// csv, json, ndjson, xlsx and parquet are written as the rows come, in memory that does not grow with their number.
//
// # When something fails
//
// Write returns the error, and what was written until then does not pass for whole: a JSON array is not closed, an
// NDJSON or CSV output ends in a line that does not parse, a table says so in its last line, a workbook and a Parquet file lack the directory
// at their end.
package tabular
