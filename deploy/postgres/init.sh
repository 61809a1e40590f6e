#!/bin/bash
# Runs once, when the database's volume is new: the ledger's database and who may use it.
#   fundledger          the service: owns the database, migrates it and fills it
#   fundledger_readers  a group: may connect and read the tables and views in schema public, now and later
#   analyst             a person with an SQL client, member of that group
set -euo pipefail

: "${FUNDLEDGER_PASSWORD:?the password of the service's role}"
: "${ANALYST_PASSWORD:?the password of the analysts' role}"

psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
  --set service_password="$FUNDLEDGER_PASSWORD" --set analyst_password="$ANALYST_PASSWORD" <<'SQL'
CREATE ROLE fundledger LOGIN PASSWORD :'service_password';
CREATE ROLE fundledger_readers NOLOGIN;
CREATE ROLE analyst LOGIN PASSWORD :'analyst_password' IN ROLE fundledger_readers;
ALTER ROLE analyst SET default_transaction_read_only = on;
-- A query that was forgotten must not hold back the clean-up of old rows for ever.
ALTER ROLE analyst SET statement_timeout = '5min';

CREATE DATABASE fundledger OWNER fundledger TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8';
REVOKE CONNECT, TEMPORARY ON DATABASE fundledger FROM PUBLIC;
GRANT CONNECT ON DATABASE fundledger TO fundledger_readers;
ALTER DATABASE fundledger SET timezone = 'UTC';
ALTER DATABASE fundledger SET jit = off;

\connect fundledger
ALTER SCHEMA public OWNER TO fundledger;
GRANT USAGE ON SCHEMA public TO fundledger_readers;
ALTER DEFAULT PRIVILEGES FOR ROLE fundledger IN SCHEMA public GRANT SELECT ON TABLES TO fundledger_readers;
SQL
