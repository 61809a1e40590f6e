// Package intake reads files of commands: JSON lines, CSV and Excel workbooks.
//
// A .jsonl file holds one command a line, as package wire reads it. A .csv or .xlsx file has a heading and one command a
// row; its columns are named as the fields of commands, in English or Chinese (see README.md), with dots for what lies
// inside (actor.id). Any other table is read by a [Mapping].
//
// Two kinds of faults are kept apart. A file that is not what it should be (another kind of file, a broken archive, an
// unmatched quotation mark, an unknown column, merged cells among its rows, hidden rows, hidden columns that are read, a row of
// totals that the rows do not come to) is a [*FileError], found before anything of it is given out. A line or a row that is no
// command is a [Line] with a Refusal, and the reading goes on.
//
// # Tables as people keep them
//
// A .csv is UTF-8 (with a mark or without one), GB 18030, or UTF-16 with its mark; its cells are parted by commas, tabs or
// semicolons, its lines by LF, CR LF or CR. Titles above the heading are passed over: the heading is the first row, or else the
// first two rows together, that have the columns which are read. A heading is compared without spaces, line breaks and widths; under
// a name that reaches over several columns a column is called by the lower name, or by both (金额/拨付). Of a workbook the one
// visible sheet is read that has these columns; a hidden sheet that has them too is a fault, any other is noted.
//
// A row that begins with 合计, 总计, 小计 or the like is left out, and what it says has to be what the rows above come to, from the
// beginning or from another row of totals; where a row could not be read, it is not checked. Lines under a table (制表人：…, 注：…) and
// headings that are repeated are left out too. What was left out, and how a file was read, is told by [Report.Notes].
//
// A spreadsheet's number is a double, and taken as the shortest decimal that reads back as the same double. It is a day in a column
// of days, by the workbook's calendar, or as 20250301. One that is shown as a percentage, or as another number (in thousands, say), is
// refused by its cell's name. A formula is read as the result that the file holds, and named; without one it is refused. In texts,
// digits and signs of a full width and spaces of any kind are as the usual ones; groups of three digits may be parted by commas or
// spaces; days are written with their year first. So are the periods of facts (2025年度, 2025年3月), and their
// values may be 是 and 否. Blanks around a text are no part of it. Free texts are cleaned of characters that show
// nothing, and of what Windows-1252 leaves where it is taken for Latin-1, and counted. Nothing is rounded unless a mapping declares it.
//
// A payment or recovery whose table has a column for its day, and leaves it empty, is refused: the day of the command is no day of payment.
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
//	  amount: {column: 金额(万元), read: amount, unit: wan, round: half_up}
//	  paid:   {column: 支付日期, read: date, layout: D.M.YYYY, default: "2025-12-31"}
//	content: [payee, amount]  # what {content} is taken of; left out: see below
//	skip: [{column: payee, equals: 区本级}]
//	fields: {date: "2023-06-30", actor.id: takeover}    # of every command
//	commands:                 # what each row gives, in this order
//	  - once_per: "{payee}"   # only the first row with this value
//	    fields: {command: register_enterprise, id: "reg-{payee|hash}", …}
//	  - when: {amount: positive}
//	    fields: {command: book_payout, id: "pay-{content}-{occurrence}", …}
//	  - when: {amount: negative}
//	    fields: {command: book_recovery, id: "back-{content}-{occurrence}", …}
//
// A column is read as text, amount, date or year. An amount may declare its unit (yuan, wan for 10,000 yuan, fen), its group and decimal
// signs (group: ".", decimal: ","), and rounding half up to the hundredth, which [Report] counts. A value that a column's values do not
// list is refused.
//
// A field is a template: plain text with {name} or {name|function|…} in it; {{ and }} are braces. Where all its values are
// empty the field is left out. Functions: id (an identifier of any text, see [policies.OpaqueID]), hash (16 hex digits),
// year, previous (the year before), upper, lower. Besides columns there are row (the row's number), content and occurrence (1 for
// the first row of that content, 2 for the second): with both in the id, equal rows are all kept, and the same file imported again
// gives the same commands.
//
// The content is a digest of what the row says, not of how it is written: of the values that fill the fields which say whose money it is,
// under what, for when, how much and on which day. So a file that another program saved again, or of which one more column is read, has the ids
// that it had. A voucher, a title or a note is no part of it; where these tell payments apart, name the columns in content, or make the id of
// the voucher itself.
//
// A command with when is given only for amounts of that sign (positive, negative, zero), and the amount is then written without its sign; a
// negative amount that no command asks for is refused.
package intake
