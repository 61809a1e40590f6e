INSERT INTO policies (id, fund, seq, published_on, title_zh, title_en, issued_on, term_from, term_to, currency, hash, data)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
