package domain

// Reason says why a field or a text cannot be taken, as the figure "reason" of a refusal. It is a code too: [Refusal.Message]
// tells it in the reader's language, with the refusal's other figures.
type Reason string

// The reasons.
const (
	ReasonOneOf           Reason = "one_of"
	ReasonAccount         Reason = "account_number"
	ReasonOwnDeputy       Reason = "own_deputy"
	ReasonPrintable       Reason = "printable"
	ReasonText            Reason = "text"
	ReasonYear            Reason = "year"
	ReasonYearBehind      Reason = "year_behind"
	ReasonMonth           Reason = "month"
	ReasonRange           Reason = "range"
	ReasonWhole           Reason = "whole"
	ReasonTooMany         Reason = "too_many"
	ReasonBytes           Reason = "too_many_bytes"
	ReasonTwice           Reason = "stands_twice"
	ReasonDigest          Reason = "digest"
	ReasonVerifierKey     Reason = "verifier_key"
	ReasonSignature       Reason = "signature"
	ReasonEitherAccount   Reason = "application_or_account"
	ReasonEitherPayout    Reason = "payout_or_account"
	ReasonHash            Reason = "hash_differs"
	ReasonDate            Reason = "date"
	ReasonAmountText      Reason = "amount_text"
	ReasonType            Reason = "type"
	ReasonTooLong         Reason = "too_long"
	ReasonLineTooLong     Reason = "line_too_long"
	ReasonRowTooWide      Reason = "row_too_wide"
	ReasonNoHeading       Reason = "no_heading"
	ReasonObject          Reason = "object"
	ReasonCutShort        Reason = "cut_short"
	ReasonJSON            Reason = "json"
	ReasonEncoding        Reason = "encoding"
	ReasonOtherFund       Reason = "other_fund"
	ReasonTrueOrFalse     Reason = "true_or_false"
	ReasonInstalments     Reason = "instalments"
	ReasonRepayments      Reason = "repayments"
	ReasonScore           Reason = "score"
	ReasonScores          Reason = "scores"
	ReasonPosition        Reason = "position"
	ReasonAttachments     Reason = "attachments"
	ReasonFileEmpty       Reason = "file_empty"
	ReasonFileTooLarge    Reason = "file_too_large"
	ReasonMappedValue     Reason = "mapped_value"
	ReasonMappedDate      Reason = "mapped_date"
	ReasonFormula         Reason = "formula"
	ReasonErrorCell       Reason = "error_cell"
	ReasonTimeOfDay       Reason = "time_of_day"
	ReasonDateCell        Reason = "date_cell"
	ReasonTruthCell       Reason = "truth_cell"
	ReasonNumberForDate   Reason = "number_for_date"
	ReasonNumberForText   Reason = "number_for_text"
	ReasonPercentCell     Reason = "percent_cell"
	ReasonScaledCell      Reason = "scaled_cell"
	ReasonEmptyDate       Reason = "empty_date"
	ReasonTotalWord       Reason = "total_word"
	ReasonGroups          Reason = "groups"
	ReasonUnreadableInput Reason = "unreadable"
	ReasonClauseText      Reason = "clause_text"
	ReasonFactMoney       Reason = "fact_money"
	ReasonFactPercent     Reason = "fact_percent"
	ReasonFactCount       Reason = "fact_count"
	ReasonDivision        Reason = "division"
	ReasonRate            Reason = "rate"
	ReasonRateFact        Reason = "rate_fact"
	ReasonEitherSubject   Reason = "enterprise_or_project"
	ReasonOfEnterprise    Reason = "of_enterprises"
	ReasonShare           Reason = "share"
	ReasonShareOfControl  Reason = "share_of_control"
	ReasonMistakenOrEnded Reason = "mistaken_or_ended"
)

// reasonTexts are the reasons as parts of a sentence; marks as in [refusalTexts].
var reasonTexts = map[Reason]Text{
	ReasonOwnDeputy:       {ZH: "不能代本人办理", EN: "nobody is a deputy of their own"},
	ReasonRate:            {ZH: "须为大于零、不超过 1000 的百分数，至多四位小数，如 1.5", EN: "a percentage above nought and at most 1000, with at most four decimals, such as 1.5"},
	ReasonRateFact:        {ZH: "须为以元计、不限定查阅的事实", EN: "a fact in CNY that is not sensitive"},
	ReasonAccount:         {ZH: "须为 8 至 40 位字母或数字，可有空格与连字符", EN: "8 to 40 letters or digits, with spaces and hyphens between them"},
	ReasonOneOf:           {ZH: "须为：{allowed}", EN: "it has to be one of: {allowed}"},
	ReasonPrintable:       {ZH: "须为 1 至 200 字节的可见字符，首尾无空格[；第 {place} 个字符是不可见的 {character}]", EN: "1 to 200 bytes of printable characters, no space at either end[; character {place} is {character}, which shows nothing]"},
	ReasonText:            {ZH: "须为不超过 4000 字节的可见字符[；第 {place} 个字符是不可见的 {character}]", EN: "at most 4000 bytes of printable characters[; character {place} is {character}, which shows nothing]"},
	ReasonYear:            {ZH: "须为四位年份", EN: "a year in four digits"},
	ReasonYearBehind:      {ZH: "须晚于 {limit} 年", EN: "a year behind {limit}"},
	ReasonMonth:           {ZH: "须为年-月，如 2027-03", EN: "a month such as 2027-03"},
	ReasonRange:           {ZH: "须为 1 至 {limit}", EN: "1 to {limit}"},
	ReasonWhole:           {ZH: "须为正整数", EN: "a whole number from 1 on"},
	ReasonBytes:           {ZH: "最多 {limit} 字节", EN: "at most {limit} bytes"},
	ReasonTooMany:         {ZH: "最多 {limit} 份", EN: "at most {limit}"},
	ReasonTwice:           {ZH: "重复填写", EN: "it stands twice"},
	ReasonDigest:          {ZH: "须为 64 位小写十六进制数字", EN: "64 hex digits, letters in lower case"},
	ReasonVerifierKey:     {ZH: "须为验证公钥：名称+哈希+公钥", EN: "a verifier key: name+hash+key"},
	ReasonSignature:       {ZH: "须为签名的编码文本", EN: "a signature in base64"},
	ReasonEitherAccount:   {ZH: "只能填写申请，或填写企业与条款", EN: "name the application or the enterprise and clause, not both"},
	ReasonEitherPayout:    {ZH: "只能填写支付，或填写账户", EN: "name the payout or the account, not both"},
	ReasonFactMoney:       {ZH: "须为金额，如 20000000.00，最多两位小数", EN: "an amount such as 20000000.00, of at most two decimals"},
	ReasonFactPercent:     {ZH: "须为百分数，如 12.5（不写百分号），最多 {limit} 位小数", EN: "a percentage such as 12.5, without its sign, of at most {limit} decimals"},
	ReasonFactCount:       {ZH: "须为整数", EN: "a whole number"},
	ReasonDivision:        {ZH: "须为六位行政区划代码，如 310105", EN: "a division code of six digits, such as 310105"},
	ReasonEitherSubject:   {ZH: "只能填写企业，或填写项目", EN: "name the enterprise or the project, not both"},
	ReasonOfEnterprise:    {ZH: "这项事实只记企业的", EN: "this fact is of enterprises only"},
	ReasonHash:            {ZH: "与政策内容不符，政策内容的哈希为 {hash}", EN: "the policy's content gives {hash}"},
	ReasonDate:            {ZH: "日期应写成 2025-03-01", EN: "a date is written like 2025-03-01"},
	ReasonAmountText:      {ZH: "金额须为字符串，如“1800000.00”", EN: `an amount is a string such as "1800000.00"`},
	ReasonType:            {ZH: "类型不符，须为{expected}", EN: "expected {expected}"},
	ReasonTooLong:         {ZH: "共 {use} 字节，最多 {limit} 字节", EN: "it has {use} bytes, and {limit} are the most"},
	ReasonLineTooLong:     {ZH: "这一行超过 {limit} 字节，不像是一条指令", EN: "the line has more than {limit} bytes, too many for a command"},
	ReasonRowTooWide:      {ZH: "这一行有 {use} 格，表头只有 {limit} 列", EN: "the row has {use} cells under {limit} headings"},
	ReasonNoHeading:       {ZH: "这一格所在的列没有列名", EN: "the cell's column has no heading"},
	ReasonObject:          {ZH: "一条指令须为一个 JSON 对象", EN: "a command is one JSON object"},
	ReasonCutShort:        {ZH: "内容不完整", EN: "the text ends in the middle"},
	ReasonJSON:            {ZH: "不是有效的 JSON[（{detail}）]", EN: "it is not valid JSON[: {detail}]"},
	ReasonEncoding:        {ZH: "不是 UTF-8 编码（像是 {detail}）；请把整个文件另存为 UTF-8", EN: "it is not UTF-8 (it looks like {detail}); save the whole file as UTF-8"},
	ReasonOtherFund:       {ZH: "本台账的资金为“{fund}”，而政策属于“{value}”", EN: "this ledger keeps the fund {fund}, the policy is of {value}"},
	ReasonTrueOrFalse:     {ZH: "须为“是”或“否”（true、false）", EN: "true or false"},
	ReasonInstalments:     {ZH: "请写成 2025:1000000.00; 2026:500000.00", EN: "write it like 2025:1000000.00; 2026:500000.00"},
	ReasonScore:           {ZH: "评分须为 0 至 100，最多两位小数", EN: "a score is from 0 to 100, with at most two decimals"},
	ReasonScores:          {ZH: "请写成 指标=85.5; 指标=90", EN: "write it like indicator=85.5; indicator=90"},
	ReasonPosition:        {ZH: "台账只有 {limit} 个事件", EN: "the log has {limit} events"},
	ReasonRepayments:      {ZH: "请写成 2026-03-31:1000000.00; 2026-06-30:500000.00", EN: "write it like 2026-03-31:1000000.00; 2026-06-30:500000.00"},
	ReasonGroups:          {ZH: "逗号只分隔三位一组，如 1,234,567.89，小数点为“.”", EN: "commas stand between groups of three, as in 1,234,567.89, and a point before the decimals"},
	ReasonAttachments:     {ZH: "请写成：文件名=SHA-256; …", EN: "write it like name=SHA-256; …"},
	ReasonFileEmpty:       {ZH: "文件是空的", EN: "the file is empty"},
	ReasonFileTooLarge:    {ZH: "文件过大，最多 {limit} 兆字节", EN: "the file is too large: {limit} MB are the most"},
	ReasonMappedValue:     {ZH: "映射的取值表（values）中没有这个值", EN: "the mapping's values do not have it"},
	ReasonMappedDate:      {ZH: "日期格式与映射所写的不符", EN: "the date is not written as the mapping says"},
	ReasonFormula:         {ZH: "单元格是公式，文件中没有存下计算结果；请用表格软件打开并保存", EN: "the cell is a formula without its result; open the file in Excel and save it"},
	ReasonErrorCell:       {ZH: "单元格是错误值；请更正", EN: "the cell is an error; correct it"},
	ReasonTimeOfDay:       {ZH: "单元格带时刻或不是有效日期；请只写日期", EN: "the cell has a time of day or is no valid date; write a date alone"},
	ReasonDateCell:        {ZH: "单元格是日期", EN: "the cell is a date"},
	ReasonTruthCell:       {ZH: "单元格是逻辑值", EN: "the cell is a truth value"},
	ReasonNumberForDate:   {ZH: "单元格是数字，不是日期；请设为日期格式或写成 2025-03-01", EN: "the cell is a number, not a date; give it a date format or write 2025-03-01"},
	ReasonPercentCell:     {ZH: "单元格是百分比格式，不是金额、编号或日期；请改为数值", EN: "the cell is shown as a percentage, which is no amount, identifier or date; change its format"},
	ReasonScaledCell:      {ZH: "单元格的格式缩小了显示的数（如以千、万显示），与实存的数不同；请改为常规或两位小数", EN: "the cell's format shows another number than it holds (in thousands, say); show it in full"},
	ReasonEmptyDate:       {ZH: "这一格是空的，而没有付款或到账日期不能记账；请填写，或在映射中写明缺省值", EN: "the cell is empty, and money is not booked without its day; fill it in, or give a default in the mapping"},
	ReasonTotalWord:       {ZH: "像是一行合计或小计，不能当作一笔记账；若是合计，请删去这一行或只写“合计”“小计”，若是名称，请另写", EN: "it looks like a row of totals, which is not booked; if it is one, delete the row or write the word alone, and if it is a name, write it otherwise"},
	ReasonNumberForText:   {ZH: "编号被存为数字，15 位以后的数字已丢失；请把整列设为文本后重新填写", EN: "an identifier stored as a number loses digits beyond 15; format the column as text and enter it again"},
	ReasonClauseText:      {ZH: "须按政策文件的写法，有误之处见下", EN: "written as a policy's file has it; what is wrong stands below"},
	ReasonShare:           {ZH: "须为大于 0、不超过 100 的百分数，最多四位小数，如 66.67", EN: "per cent above 0 and up to 100, with at most four decimals, such as 66.67"},
	ReasonShareOfControl:  {ZH: "只有控股关联填写持股比例", EN: "only control has a share"},
	ReasonMistakenOrEnded: {ZH: "登记有误的关联没有最后一日", EN: "a link that was recorded by mistake has no last day"},
	ReasonUnreadableInput: {ZH: "内容无法解读[（{detail}）]", EN: "it cannot be made out[: {detail}]"},
}

// amountTexts say why a text is no amount, by the reasons of an [AmountError].
var amountTexts = map[string]Text{
	AmountMalformed:  {ZH: "不是金额：请写成 1800000.00，不带正负号、千分位或指数", EN: "it is not an amount: write it like 1800000.00, without sign, separators or exponent"},
	AmountTooPrecise: {ZH: "多于两位小数；金额不作舍入", EN: "it has more than two decimals; amounts are never rounded"},
	AmountNegative:   {ZH: "不能为负", EN: "it must not be negative"},
	AmountTooLarge:   {ZH: "超出上限 999,999,999,999.99", EN: "it is beyond 999,999,999,999.99"},
	AmountZero:       {ZH: "须大于零", EN: "it must be above zero"},
}

// Message says what is wrong with the amount, in both languages.
func (e *AmountError) Message() Text {
	why := amountTexts[e.Reason]
	return Text{ZH: "“" + Clip(e.Text, 40) + "”" + why.ZH, EN: Clip(e.Text, 40) + ": " + why.EN}
}

// Message says what is wrong with the date, in both languages.
func (e *DateError) Message() Text {
	why := reasonTexts[ReasonDate]
	return Text{ZH: "“" + Clip(e.Text, 40) + "”不是日期：" + why.ZH, EN: Clip(e.Text, 40) + " is no date: " + why.EN}
}

// typeCodes are what a field may have to be in JSON.
var typeCodes = []Code{coded("string", "字符串", "a string"), coded("number", "整数", "a whole number"), coded("bool", "true 或 false", "true or false"),
	coded("list", "列表", "a list"), coded("object", "对象", "an object")}
