-- What applications have of each support year.
SELECT application, support_year, requested, approved, paid, approved - paid AS unpaid FROM instalments
