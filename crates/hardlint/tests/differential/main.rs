//! Holds `hardlint show` against the programs themselves: each is asked what it makes of a file, and every value, every
//! refusal and the line of it must be the same.
//!
//! The files are written at random, by generators that know each grammar and what is strange in it, and, with
//! `HARDLINT_CORPUS`, taken from real projects. `testdata/oracles` has hand-written ones with recorded answers, for
//! machines without the programs; what is found here becomes a case there.
//!
//! - `HARDLINT_DIFFERENTIAL=300`: how many files of each format; without it nothing is compared.
//! - `HARDLINT_SLOW_TOO=1`: as many of programs that take long, which are else asked about fewer; and the modules of real
//!   projects, which are imported.
//! - `HARDLINT_SEED=1`: where the numbers start from. File 17 of a seed is always the same, however many there are.
//! - `HARDLINT_CASE=17`: only this file.
//! - `HARDLINT_POSTGRES=DIR`: the programs of another `PostgreSQL` than Debian's 15; `HARDLINT_DOTENV` names the Python that
//!   reads `.env`, `HARDLINT_AIRFLOW`, `HARDLINT_DJANGO`, `HARDLINT_FLASK` and `HARDLINT_DOCKERFILE` those of these
//!   programs, and `HARDLINT_COMPOSE` the docker-compose.
//! - `HARDLINT_REQUIRE_ORACLES=1`: a program that is not at hand is a failure, and not told of and passed over.

#![expect(clippy::print_stdout, reason = "what is skipped, and with which seed it ran, is said")]

mod airflow;
mod case;
mod cluster;
mod compose;
mod django;
mod dockerfile;
mod driver;
mod env;
mod fixed;
mod flask;
mod nginx;
mod ours;
mod pg_hba;
mod postgres;
mod process;
mod python;
mod redis;
mod sshd;
mod write;

#[test]
fn nginx_is_matched_on_generated_files() {
    driver::generated(&nginx::FORMAT);
}

#[test]
fn nginx_is_matched_on_real_files() {
    driver::real(&nginx::FORMAT);
}

#[test]
fn sshd_is_matched_on_generated_files() {
    driver::generated(&sshd::FORMAT);
}

#[test]
fn sshd_is_matched_on_real_files() {
    driver::real(&sshd::FORMAT);
}

#[test]
fn postgres_is_matched_on_generated_files() {
    driver::generated(&postgres::FORMAT);
}

#[test]
fn postgres_is_matched_on_real_files() {
    driver::real(&postgres::FORMAT);
}

#[test]
fn redis_is_matched_on_generated_files() {
    driver::generated(&redis::FORMAT);
}

#[test]
fn redis_is_matched_on_real_files() {
    driver::real(&redis::FORMAT);
}

#[test]
fn pg_hba_is_matched_on_generated_files() {
    driver::generated(&pg_hba::FORMAT);
}

#[test]
fn pg_hba_is_matched_on_real_files() {
    driver::real(&pg_hba::FORMAT);
}

#[test]
fn airflow_is_matched_on_generated_files() {
    driver::generated(&airflow::FORMAT);
}

#[test]
fn airflow_is_matched_on_real_files() {
    driver::real(&airflow::FORMAT);
}

#[test]
fn compose_is_matched_on_generated_projects() {
    driver::generated(&compose::FORMAT);
}

#[test]
fn compose_is_matched_on_real_projects() {
    driver::real(&compose::FORMAT);
}

#[test]
fn dockerfiles_are_matched_on_generated_files() {
    driver::generated(&dockerfile::FORMAT);
}

#[test]
fn dockerfiles_are_matched_on_real_files() {
    driver::real(&dockerfile::FORMAT);
}

#[test]
fn django_is_matched_on_generated_modules() {
    driver::generated(&django::FORMAT);
}

#[test]
fn django_is_matched_on_real_modules() {
    python::real::compare(&django::REAL);
}

#[test]
fn flask_is_matched_on_real_applications() {
    python::real::compare(&flask::REAL);
}

#[test]
fn flask_is_matched_on_generated_applications() {
    driver::generated(&flask::FORMAT);
}

#[test]
fn compose_is_matched_on_generated_variables() {
    driver::generated(&env::COMPOSE);
}

#[test]
fn python_dotenv_is_matched_on_generated_variables() {
    driver::generated(&env::PYTHON_DOTENV);
}

#[test]
fn django_environ_is_matched_on_generated_variables() {
    driver::generated(&env::DJANGO_ENVIRON);
}

#[test]
fn decouple_is_matched_on_generated_variables() {
    driver::generated(&env::DECOUPLE);
}

#[test]
fn what_is_fixed_is_taken_by_nginx() {
    fixed::taken(&nginx::FORMAT);
}

#[test]
fn what_is_fixed_is_taken_by_sshd() {
    fixed::taken(&sshd::FORMAT);
}

#[test]
fn what_is_fixed_is_taken_by_postgres() {
    fixed::taken(&postgres::FORMAT);
}

#[test]
fn what_is_fixed_is_taken_by_pg_hba() {
    fixed::taken(&pg_hba::FORMAT);
}

#[test]
fn what_is_fixed_is_taken_by_redis() {
    fixed::taken(&redis::FORMAT);
}

#[test]
fn what_is_fixed_is_taken_by_compose() {
    fixed::taken(&compose::FORMAT);
}

#[test]
fn readers_of_variables_are_matched_on_real_files() {
    for format in [&env::COMPOSE, &env::PYTHON_DOTENV, &env::DJANGO_ENVIRON, &env::DECOUPLE] {
        driver::real(format);
    }
}
