// Package intake reads files of commands: JSON lines, CSV and Excel workbooks.
//
// A .jsonl file holds one command a line, as package wire reads it. A .csv or .xlsx file has a heading and one command a
// row; its columns are named as the fields of commands, in English or Chinese (see README.md), with dots for what lies
// inside (actor.id). Any other table is read by a [Mapping].
//
// Two kinds of faults are kept apart. A file that is not what it should be (another kind of file, another encoding than
// UTF-8, a broken archive, an unmatched quotation mark, an unknown column, merged cells, hidden rows, columns or sheets
// with content) is a [*FileError], found before anything of it is given out. A line or a row that is no command is a
// [Line] with a Refusal, and the reading goes on.
//
// Nothing is guessed, and nothing is rounded unless a mapping declares it. Of a spreadsheet the exact text of numbers is
// read: a formula, an error, a date where none belongs, a number where digits are lost are refused by the cell's name.
//
// Files are streamed. A line or row of more than 4 MiB is refused without being held in memory, and what an archive unpacks
// to is bounded; only a workbook's table of texts and the digests of once_per and occurrence stay in memory.
//
// # Mappings
//
// A mapping is strict YAML:
//
//	sheet: 明细                # of a workbook; left out: the only one with content
//	header_row: 3             # left out: the first row that is not empty
//	columns:                  # what is used of the table, by names of our own
//	  payee:  {column: 企业, trim: true}
//	  dept:   {column: 部门, values: {区财政局: finance}, default: finance}
//	  amount: {column: 金额(万元), read: amount, unit: wan, thousands: true, round: half_up}
//	  paid:   {column: 支付日期, read: date, layout: YYYY/M/D}
//	skip: [{column: payee, equals: 合计}]
//	fields: {date: "2023-06-30", actor.id: takeover}    # of every command
//	commands:                 # what each row gives, in this order
//	  - once_per: "{payee}"   # only the first row with this value
//	    fields: {command: register_enterprise, id: "reg-{payee|hash}", …}
//	  - fields: {command: book_payout, id: "pay-{content}-{occurrence}", …}
//
// A column is read as text (as it stands), amount, date or year. An amount may declare its unit (yuan, wan for 10,000
// yuan, fen), thousands separators, and rounding half up to the hundredth, which [Report] counts. A value that a column's
// values do not list is refused.
//
// A field is a template: plain text with {name} or {name|function|…} in it; {{ and }} are braces. Where all its values are
// empty the field is left out. Functions: id (an identifier of any text, see [policies.OpaqueID]), hash (16 hex digits),
// year, upper, lower. Besides columns there are row (the row's number), content (a digest of the cells that the mapping
// names) and occurrence (1 for the first row of that content, 2 for the second): with both in the id, equal rows are all kept, and
// the same file imported again gives the same commands.
package intake
