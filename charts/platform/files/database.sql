-- The database belongs to the role that runs the migrations; other roles may connect only if granted.
SELECT format('CREATE DATABASE %I', :'database') WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database')
\gexec
-- An administrator without superuser rights must be a member of the role that becomes the owner.
SELECT format('GRANT migrations TO %I', current_user) WHERE NOT pg_has_role(current_user, 'migrations', 'MEMBER')
\gexec
ALTER DATABASE :"database" OWNER TO migrations;
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
\set each `tr '\n' ',' < /scripts/roles`
SELECT format('GRANT CONNECT ON DATABASE %I TO %I', :'database', role)
FROM unnest(string_to_array(rtrim(:'each', ','), ',')) AS role
\gexec
