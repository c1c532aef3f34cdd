//! A PgBouncer of a test's own before the tests' PostgreSQL, in transaction mode.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use stripe_sync::reexport::sqlx::PgPool;
use stripe_sync::reexport::sqlx::postgres::{PgConnectOptions, PgPoolOptions};

/// The number in the name of its socket; it listens on no port.
const PORT: u16 = 6432;
/// The user "nobody" of every Linux: PgBouncer refuses to run as root.
const NOBODY: u32 = 65_534;
/// A process that does not listen by then hangs.
const LONGEST_START: Duration = Duration::from_secs(30);

/// How it is set up.
pub(crate) struct Setup {
    /// Connections to the server, for all clients of a database together.
    pub(crate) connections: u32,
    /// Whether it lets a client connect that sends a parameter that it does not know.
    pub(crate) ignores_parameters: bool,
}

/// A running PgBouncer, which ends with this value.
pub(crate) struct Bouncer {
    process: Child,
    directory: PathBuf,
}

impl Bouncer {
    /// Starts one before the PostgreSQL server of the tests.
    pub(crate) async fn start(server: &str, setup: Setup) -> Self {
        let directory = directory();
        let config = directory.join("pgbouncer.ini");
        fs::write(&config, ini(server, &directory, &setup)).unwrap();
        let process = spawn(&directory, &config);
        let mut bouncer = Self { process, directory };
        bouncer.wait_until_it_listens().await;
        bouncer
    }

    /// A pool of connections through it, as an application makes one.
    pub(crate) async fn pool(
        &self,
        database: &str,
        set_up: impl FnOnce(PgConnectOptions) -> PgConnectOptions,
    ) -> PgPool {
        let options = PgConnectOptions::new()
            .socket(&self.directory)
            .port(PORT)
            .username("anybody")
            .database(database);
        // Lazy: what the pooler refuses shows where the library meets it.
        let pool = PgPoolOptions::new().max_connections(8);
        pool.connect_lazy_with(set_up(options))
    }

    async fn wait_until_it_listens(&mut self) {
        let socket = self.directory.join(format!(".s.PGSQL.{PORT}"));
        let began = Instant::now();
        while UnixStream::connect(&socket).is_err() {
            let ended = self.process.try_wait().unwrap();
            assert!(
                ended.is_none() && began.elapsed() < LONGEST_START,
                "PgBouncer does not listen: {ended:?}\n{}",
                fs::read_to_string(self.directory.join("log")).unwrap_or_default()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Bouncer {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
        fs::remove_dir_all(&self.directory).ok();
    }
}

/// A directory of its own, which any user may write to. Its name is short, because a socket's may have 107 bytes.
fn directory() -> PathBuf {
    let name = format!("ss-pooler-{}-{:08x}", std::process::id(), fastrand::u32(..));
    let directory = std::env::temp_dir().join(name);
    fs::create_dir(&directory).unwrap();
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o777)).unwrap();
    directory
}

fn ini(server: &str, directory: &Path, setup: &Setup) -> String {
    let server: http::Uri = server.parse().unwrap();
    let (login, _) = server
        .authority()
        .and_then(|authority| authority.as_str().rsplit_once('@'))
        .expect("the address of PostgreSQL names a user");
    let login = match login.split_once(':') {
        Some((user, password)) => format!("user={user} password={password}"),
        None => format!("user={login}"),
    };
    let directory = directory.display();
    format!(
        "[databases]\n\
         * = host={} port={} {login}\n\
         [pgbouncer]\n\
         pool_mode = transaction\n\
         auth_type = any\n\
         listen_addr =\n\
         listen_port = {PORT}\n\
         unix_socket_dir = {directory}\n\
         logfile = {directory}/log\n\
         default_pool_size = {}\n\
         ignore_startup_parameters = {}\n",
        server.host().unwrap_or("127.0.0.1"),
        server.port_u16().unwrap_or(5432),
        setup.connections,
        if setup.ignores_parameters {
            "extra_float_digits"
        } else {
            ""
        },
    )
}

fn spawn(directory: &Path, config: &Path) -> Child {
    // Debian puts it where only root looks.
    for program in ["pgbouncer", "/usr/sbin/pgbouncer"] {
        let mut command = Command::new(program);
        command.arg("--quiet").arg(config);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        if fs::metadata(directory).unwrap().uid() == 0 {
            command.uid(NOBODY).gid(NOBODY);
        }
        match command.spawn() {
            Ok(process) => return process,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => panic!("{program}: {error}"),
        }
    }
    panic!("expected PgBouncer on this machine: `apt-get install pgbouncer`, or `./scripts/test`")
}
