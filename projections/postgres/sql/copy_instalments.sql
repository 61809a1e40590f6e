COPY instalments (application, support_year, requested, approved, paid) FROM STDIN (FORMAT binary)
