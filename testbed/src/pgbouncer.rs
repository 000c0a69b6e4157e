//! A PgBouncer of one's own in front of a server of one's own.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::postgres::{Result, Server, free_port};

const PATIENCE: Duration = Duration::from_secs(30);

/// The pooler. It listens on a free port of 127.0.0.1 and ends with its owner.
pub struct Pooler {
    child: Child,
    port: u16,
}

impl Pooler {
    /// Starts one that pools by `session` or by `transaction`.
    ///
    /// # Errors
    /// When PgBouncer is not installed, or does not answer.
    pub fn start(server: &Server, pool_mode: &str) -> Result<Self> {
        let port = free_port()?;
        let users = server.keep("pgbouncer.users", b"\"tenantry\" \"\"\n")?;
        let settings = format!(
            "[databases]\n* = host=127.0.0.1 port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
             unix_socket_dir =\nauth_type = trust\nauth_file = {}\npool_mode = {pool_mode}\ndefault_pool_size = 40\n\
             server_idle_timeout = 5\nignore_startup_parameters = extra_float_digits,options\n",
            server.port(),
            users.display()
        );
        let file = server.keep("pgbouncer.ini", settings.as_bytes())?;
        let said = fs::File::create(file.with_extension("log"))?;
        let mut command = server.command("/usr/sbin/pgbouncer");
        let child = command.arg(&file).stdin(Stdio::null()).stdout(said.try_clone()?).stderr(said).spawn();
        let child = child.map_err(|cause| format!("PgBouncer cannot be run: {cause}. `script/test` installs it."))?;
        let pooler = Self { child, port };
        let since = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            if since.elapsed() > PATIENCE {
                return Err(fs::read_to_string(file.with_extension("log"))?.into());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(pooler)
    }

    /// The address of a database by way of it, for the role `tenantry`.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://tenantry@127.0.0.1:{}/{database}", self.port)
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        // It was started by way of another program, which hands this sign on.
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}
