//! A PostgreSQL server of one's own: a fresh cluster in a directory that goes away with it.

use std::error::Error;
use std::fs;
use std::io;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Failures are sentences.
pub type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const PATIENCE: Duration = Duration::from_secs(60);

/// Serves until its standard input closes, which happens when its starter ends in any way.
const UNTIL_ABANDONED: &str = r#"
    directory=$1; shift
    exec 3<&0
    "$@" & server=$!
    (read -r nothing <&3; : >"$directory/abandoned"; kill -QUIT $server 2>/dev/null; kill -CONT $server 2>/dev/null) & watch=$!
    trap 'kill -QUIT $server 2>/dev/null; wait $server' TERM
    wait $server
    [ ! -e "$directory/abandoned" ] || rm -rf "$directory"
    kill $watch 2>/dev/null
"#;

/// The server. It listens on a free port of 127.0.0.1 and accepts every user without a password.
pub struct Server {
    directory: PathBuf,
    port: u16,
    programs: PathBuf,
    settings: Vec<String>,
    watch: Option<Child>,
}

impl Server {
    /// A fresh cluster, running, with a role `tenantry` that owns nothing yet.
    ///
    /// # Errors
    /// When PostgreSQL is not installed, or does not start.
    pub fn start() -> Result<Self> {
        Self::start_with(&[])
    }

    /// The same with settings such as `fsync=off`.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub fn start_with(settings: &[&str]) -> Result<Self> {
        Self::start_in(&std::env::temp_dir(), settings)
    }

    /// The same in a directory of that one.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub fn start_in(parent: &Path, settings: &[&str]) -> Result<Self> {
        let mut server = Self::somewhere(parent, settings)?;
        let mut init = server.command("initdb");
        init.args([
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
            "--pgdata",
        ]);
        done(init.arg(server.data()).output()?)?;
        server.run()?;
        server.ask("postgres", "CREATE ROLE tenantry LOGIN NOSUPERUSER NOBYPASSRLS")?;
        Ok(server)
    }

    /// A hot standby of this one, running.
    ///
    /// # Errors
    /// When it cannot be copied, or does not start.
    pub fn standby(&self) -> Result<Self> {
        let mut standby = Self::somewhere(&std::env::temp_dir(), &[])?;
        standby.copy(self)?;
        standby.run()?;
        Ok(standby)
    }

    /// Ends this server, however it is, and makes it a standby of another one, at the place where it was.
    ///
    /// # Errors
    /// When it cannot be copied, or does not start.
    pub fn follow(&mut self, primary: &Self) -> Result<()> {
        self.kill()?;
        fs::remove_dir_all(self.data())?;
        self.copy(primary)?;
        self.run()
    }

    fn copy(&self, primary: &Self) -> Result<()> {
        let mut copy = self.command("pg_basebackup");
        copy.args([
            "--host=127.0.0.1",
            "--username=postgres",
            "--checkpoint=fast",
            "--no-sync",
            "--write-recovery-conf",
        ]);
        copy.arg(format!("--port={}", primary.port)).arg("--pgdata").arg(self.data());
        done(copy.output()?).map(drop)
    }

    /// Lets this server acknowledge nothing without the word of a standby, and waits until one gives it.
    ///
    /// # Errors
    /// When no standby follows within a minute.
    pub fn require_a_standby(&self) -> Result<()> {
        self.ask("postgres", "ALTER SYSTEM SET synchronous_standby_names = '*'")?;
        self.ask("postgres", "SELECT pg_reload_conf()")?;
        let since = Instant::now();
        while self.ask("postgres", "SELECT sync_state FROM pg_stat_replication")? != "sync" {
            if since.elapsed() > PATIENCE {
                return Err("No standby follows.".into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Lets a frozen one go on where it stood, and need nobody's word any more.
    ///
    /// # Errors
    /// When it does not run.
    pub fn thaw_alone(&self) -> Result<()> {
        self.thaw()?;
        self.ask("postgres", "ALTER SYSTEM SET synchronous_standby_names = ''")?;
        self.ask("postgres", "SELECT pg_reload_conf()").map(drop)
    }

    /// Promotes a standby to primary.
    ///
    /// # Errors
    /// When it is none.
    pub fn promote(&self) -> Result<()> {
        self.ask("postgres", "SELECT pg_promote(true, 60)").map(drop)
    }

    /// Writes a file that the server, and nobody else, may read.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(&self, name: &str, contents: &[u8]) -> Result<PathBuf> {
        let file = self.directory.join(name);
        fs::write(&file, contents)?;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600))?;
        give_to_postgres(&file)?;
        Ok(file)
    }

    fn somewhere(parent: &Path, settings: &[&str]) -> Result<Self> {
        static STARTED: AtomicU64 = AtomicU64::new(0);
        let next = || {
            let nth = STARTED.fetch_add(1, Ordering::Relaxed);
            parent.join(format!("tenantry-postgres-{}-{nth}", std::process::id()))
        };
        let mut directory = next();
        // A process of this number may have been here before and have been killed.
        while let Err(cause) = fs::create_dir(&directory) {
            if cause.kind() != io::ErrorKind::AlreadyExists {
                return Err(cause.into());
            }
            directory = next();
        }
        give_to_postgres(&directory)?;
        let settings = settings.iter().map(|setting| (*setting).to_owned()).collect();
        Ok(Self { directory, port: free_port()?, programs: programs()?, settings, watch: None })
    }

    /// The address of a database for the role `tenantry`.
    pub fn url(&self, database: &str) -> String {
        self.url_of("tenantry", database)
    }

    /// The address of a database for a role.
    pub fn url_of(&self, role: &str, database: &str) -> String {
        format!("postgres://{role}@127.0.0.1:{}/{database}", self.port)
    }

    /// The same by its Unix socket, which is how a program on the server's own machine speaks to it.
    pub fn socket_url(&self, database: &str) -> String {
        let directory = self.directory.display().to_string().replace('/', "%2F");
        format!("postgres://tenantry@{directory}:{}/{database}", self.port)
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// An empty database that the role `tenantry` owns; its address.
    ///
    /// # Errors
    /// What the server says.
    pub fn database(&self, name: &str) -> Result<String> {
        self.ask("postgres", &format!("CREATE DATABASE {name} OWNER tenantry"))?;
        Ok(self.url(name))
    }

    /// A copy of a database of that role, to which nobody may be connected; its address. Settings of the database itself
    /// (`ALTER DATABASE … SET`) are not copied.
    ///
    /// # Errors
    /// What the server says.
    pub fn copy_of(&self, original: &str, name: &str) -> Result<String> {
        self.ask("postgres", &format!("CREATE DATABASE {name} OWNER tenantry TEMPLATE {original}"))?;
        Ok(self.url(name))
    }

    /// Runs SQL as the superuser; the rows of the answer, one a line.
    ///
    /// # Errors
    /// What the server says.
    pub fn ask(&self, database: &str, sql: &str) -> Result<String> {
        let mut psql = Command::new(self.programs.join("psql"));
        psql.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1", "--command", sql]);
        psql.arg(self.url_of("postgres", database));
        let said = done(psql.output()?)?;
        Ok(String::from_utf8_lossy(&said.stdout).trim().to_owned())
    }

    /// Writes all that a database holds to a file, as text.
    ///
    /// # Errors
    /// What the server says.
    pub fn dump(&self, url: &str, file: &Path) -> Result<()> {
        let database = url.rsplit('/').next().unwrap_or_default();
        let mut dump = Command::new(self.programs.join("pg_dump"));
        dump.arg("--file").arg(file).arg(self.url_of("postgres", database));
        done(dump.output()?).map(drop)
    }

    /// Runs the SQL of such a file in an empty database, as the role in the address, which then owns everything.
    ///
    /// # Errors
    /// What the server says.
    pub fn load(&self, url: &str, file: &Path) -> Result<()> {
        let mut load = Command::new(self.programs.join("psql"));
        load.args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--file"]).arg(file).arg(url);
        done(load.output()?).map(drop)
    }

    /// Kills every process of it at once, as a loss of power to the process would.
    ///
    /// # Errors
    /// When it does not run.
    pub fn kill(&mut self) -> Result<()> {
        let (postmaster, children) = self.stopped()?;
        let _ = Command::new("kill").args(["-9", &postmaster]).args(children).output()?;
        self.wait_for_its_end()
    }

    /// Stops every process of it where it stands: the kernel goes on taking connections and bytes for it, and nothing is
    /// answered.
    ///
    /// # Errors
    /// When it does not run.
    pub fn freeze(&self) -> Result<()> {
        let (_, children) = self.stopped()?;
        // One may just have ended.
        let _ = Command::new("kill").arg("-STOP").args(children).output()?;
        Ok(())
    }

    /// Lets a frozen one go on where it stood.
    ///
    /// # Errors
    /// When it does not run.
    pub fn thaw(&self) -> Result<()> {
        let (postmaster, children) = self.stopped()?;
        let _ = Command::new("kill").arg("-CONT").args(children).arg(postmaster).output()?;
        Ok(())
    }

    /// Stops its first process, so that it starts no others while they are counted; returns that one and the others.
    fn stopped(&self) -> Result<(String, Vec<String>)> {
        let postmaster = fs::read_to_string(self.data().join("postmaster.pid"))?;
        let postmaster = postmaster.lines().next().unwrap_or_default().to_owned();
        done(Command::new("kill").args(["-STOP", &postmaster]).output()?)?;
        let children = Command::new("pgrep").args(["-P", &postmaster]).output()?;
        let children = String::from_utf8_lossy(&children.stdout).split_whitespace().map(str::to_owned).collect();
        Ok((postmaster, children))
    }

    /// Ends it without a checkpoint, as `pg_ctl stop -m immediate` does.
    ///
    /// # Errors
    /// When it does not end.
    pub fn stop_at_once(&mut self) -> Result<()> {
        let mut stop = self.command("pg_ctl");
        stop.args(["stop", "--silent", "--mode=immediate", "--pgdata"]).arg(self.data());
        done(stop.output()?)?;
        self.wait_for_its_end()
    }

    fn wait_for_its_end(&mut self) -> Result<()> {
        if let Some(mut watch) = self.watch.take() {
            // Waiting closes it, which would be the sign that nobody needs the cluster any more.
            let _sign = watch.stdin.take();
            watch.wait()?;
        }
        Ok(())
    }

    /// Starts it on the cluster that is there and waits until it answers.
    ///
    /// # Errors
    /// When it does not answer within a minute.
    pub fn run(&mut self) -> Result<()> {
        // Files left by a killed server would make the next one refuse to start.
        let mut command = self.command("sh");
        command.args(["-c", UNTIL_ABANDONED, "sh"]).arg(&self.directory).arg(self.programs.join("postgres"));
        command.arg("-D").arg(self.data());
        let port = format!("port={}", self.port);
        let sockets = format!("unix_socket_directories={}", self.directory.display());
        for setting in [&*port, &sockets, "listen_addresses=127.0.0.1", "max_connections=300", "logging_collector=off"]
        {
            command.args(["-c", setting]);
        }
        for setting in &self.settings {
            command.args(["-c", setting]);
        }
        let log = fs::OpenOptions::new().create(true).append(true).open(self.log())?;
        command.stdin(Stdio::piped()).stdout(log.try_clone()?).stderr(log);
        let mut watch = command.spawn()?;
        let since = Instant::now();
        while self.ask("postgres", "SELECT 1").is_err() {
            if since.elapsed() > PATIENCE {
                let said = fs::read_to_string(self.log()).unwrap_or_default();
                let last = said.lines().rev().take(5).collect::<Vec<_>>();
                return Err(format!("PostgreSQL does not answer. It said last:\n{}", last.join("\n")).into());
            }
            std::thread::sleep(Duration::from_millis(20));
            // It does not start while a process of the one before is still on its way out.
            if watch.try_wait()?.is_some() {
                watch = command.spawn()?;
            }
        }
        self.watch = Some(watch);
        Ok(())
    }

    fn data(&self) -> PathBuf {
        self.directory.join("data")
    }

    fn log(&self) -> PathBuf {
        self.directory.join("log")
    }

    /// A program of PostgreSQL; it refuses to run as root.
    pub(crate) fn command(&self, program: &str) -> Command {
        let path = self.programs.join(program);
        let path = if path.exists() { path } else { PathBuf::from(program) };
        let mut command = match is_root() {
            Ok(true) => {
                let mut command = Command::new("runuser");
                command.args(["-u", "postgres", "--"]).arg(path);
                command
            }
            _ => Command::new(path),
        };
        command.current_dir(&self.directory);
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut watch) = self.watch.take() {
            drop(watch.stdin.take());
            // There is nobody left to tell.
            let _ = watch.wait();
        }
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// Where PostgreSQL's own programs are: the newest on this machine.
///
/// # Errors
/// When there are none.
pub fn programs() -> Result<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|versions| versions.filter_map(io::Result::ok).map(|version| version.path().join("bin")).collect())
        .unwrap_or_default();
    found.retain(|bin| bin.join("initdb").exists());
    found.sort_by_key(|bin| bin.parent().and_then(Path::file_name).and_then(|name| name.to_str()?.parse::<u32>().ok()));
    if let Some(newest) = found.pop() {
        return Ok(newest);
    }
    let found = Command::new("sh").args(["-c", "command -v initdb"]).output()?;
    let found = PathBuf::from(String::from_utf8_lossy(&found.stdout).trim());
    let bin = found.parent().filter(|bin| bin.is_absolute());
    bin.map(Path::to_owned).ok_or_else(|| "PostgreSQL is not installed: `script/test` installs it, or says how.".into())
}

/// Gives a file or directory to PostgreSQL's own user if this program runs as root: PostgreSQL refuses to read files of
/// root.
///
/// # Errors
/// When there is no such user.
pub fn give_to_postgres(path: &Path) -> Result<()> {
    if is_root()? {
        done(Command::new("chown").arg("postgres").arg(path).output()?)?;
    }
    Ok(())
}

pub(crate) fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn is_root() -> io::Result<bool> {
    Ok(Command::new("id").arg("-u").output()?.stdout == b"0\n")
}

fn done(output: Output) -> Result<Output> {
    if output.status.success() {
        return Ok(output);
    }
    Err(format!("{} {}", output.status, String::from_utf8_lossy(&output.stderr).trim()).into())
}
