//! Injures with strace: it delays or fails the product's calls to the disk.

use std::process::{Command, Stdio};
use std::time::Duration;

/// The words that go before the program, or why they cannot.
pub type Before = std::result::Result<Vec<String>, String>;

/// Every flush to the disk takes so much longer.
pub fn slow_flushes(delay: Duration) -> Before {
    with(&format!("delay_enter={}", delay.as_micros()))
}

/// The n-th flush of each thread fails with EIO, as from a broken disk.
pub fn failed_flush(nth: u64) -> Before {
    with(&format!("error=EIO:when={nth}"))
}

fn with(injury: &str) -> Before {
    is_there()?;
    // -D: the product stays our own child, and the tracer goes with it.
    let mut words: Vec<String> =
        ["strace", "-D", "-f", "-qq", "--seccomp-bpf", "-o", "/dev/null"].map(String::from).into();
    words.extend(["-e", "trace=fsync,fdatasync", "-e"].map(String::from));
    words.push(format!("inject=fsync,fdatasync:{injury}"));
    Ok(words)
}

/// Whether strace is installed and allowed to trace.
fn is_there() -> std::result::Result<(), String> {
    let mut probe = Command::new("strace");
    probe.args(["-f", "-qq", "--seccomp-bpf", "-o", "/dev/null", "-e", "trace=fsync", "-e"]);
    probe.args(["inject=fsync:error=EIO", "true"]).stdout(Stdio::null()).stderr(Stdio::null());
    match probe.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err("strace may not trace here; it needs the right to ptrace and --seccomp-bpf (strace 5.3)".into()),
        Err(_) => Err("there is no strace; install it and run this case again".into()),
    }
}
