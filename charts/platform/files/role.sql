-- One service's role. \getenv keeps the password out of arguments, and a failing statement is not logged with its text.
\getenv role ROLE
\getenv password PASSWORD
SET log_min_error_statement = panic;
SELECT format('CREATE ROLE %I LOGIN', :'role') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role')
\gexec
ALTER ROLE :"role" WITH LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD :'password';
