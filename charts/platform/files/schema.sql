SET client_min_messages = warning;
CREATE SCHEMA IF NOT EXISTS :"schema" AUTHORIZATION migrations;
ALTER SCHEMA :"schema" OWNER TO migrations;
REVOKE ALL ON SCHEMA :"schema" FROM PUBLIC;
