#!/bin/bash
# The ledger's database and who may use it. It runs once by itself, when the database's volume is new; run it again after an upgrade
# (docker compose exec postgres bash /docker-entrypoint-initdb.d/init.sh): what is there already stays.
#   fundledger_owner  owns the database: the one-shot container "migrate" makes the tables as this role, and nobody else has its password
#   fundledger        the service, member of fundledger_writers: reads, inserts and updates; deletes, truncates and drops nothing
#   analyst           a person with an SQL client, member of fundledger_readers: reads the views of schema analyst
# What those groups are and may do, and what everybody may not: pgserver/roles.sql, which is run here.
set -euo pipefail

: "${FUNDLEDGER_OWNER_PASSWORD:?the password of the owner of the tables}"
: "${FUNDLEDGER_PASSWORD:?the password of the service's role}"
: "${ANALYST_PASSWORD:?the password of the analysts' role}"

psql --set ON_ERROR_STOP=1 --quiet --no-psqlrc --username "$POSTGRES_USER" --dbname postgres --set roles="${ROLES_SQL:-/etc/fundledger/roles.sql}" \
  --set owner_password="$FUNDLEDGER_OWNER_PASSWORD" --set service_password="$FUNDLEDGER_PASSWORD" --set analyst_password="$ANALYST_PASSWORD" <<'SQL'
SELECT 'CREATE DATABASE fundledger TEMPLATE template0 ENCODING ''UTF8'' LOCALE ''C.UTF-8'''
  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'fundledger') \gexec
\connect fundledger
SET search_path = pg_catalog;
\i :roles
SELECT format('CREATE ROLE %I', name) FROM unnest(ARRAY['fundledger', 'analyst']) AS name WHERE to_regrole(name) IS NULL \gexec
ALTER ROLE fundledger_owner LOGIN PASSWORD :'owner_password';
ALTER ROLE fundledger LOGIN PASSWORD :'service_password';
GRANT fundledger_writers TO fundledger;
ALTER ROLE analyst LOGIN PASSWORD :'analyst_password';
GRANT fundledger_readers TO analyst;

-- The first three an analyst may set otherwise for a session: the service ends what lasts longer (--analyst-for). The last two stand.
ALTER ROLE analyst SET default_transaction_read_only = on;
ALTER ROLE analyst SET statement_timeout = '5min';
ALTER ROLE analyst SET idle_in_transaction_session_timeout = '5min';
ALTER ROLE analyst SET temp_file_limit = '4GB';
ALTER ROLE analyst CONNECTION LIMIT 10;

-- Until this release the tables were thought to lie in schema public, and the service owned it.
ALTER SCHEMA public OWNER TO pg_database_owner;
ALTER DEFAULT PRIVILEGES FOR ROLE fundledger IN SCHEMA public REVOKE SELECT ON TABLES FROM fundledger_readers;
REVOKE ALL ON SCHEMA public FROM fundledger_readers;
ALTER DATABASE fundledger SET timezone = 'UTC';
ALTER DATABASE fundledger SET jit = off;
SQL
