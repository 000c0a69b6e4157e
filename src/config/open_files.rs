//! How many files, sockets among them, the system lets this process have open.

/// The soft limit; none where the system does not tell it this way.
pub fn open_files_max() -> Option<usize> {
    read(&std::fs::read_to_string("/proc/self/limits").ok()?)
}

/// See proc_pid_limits(5); "unlimited" is none too.
fn read(limits: &str) -> Option<usize> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_soft_limit_is_the_first_number_of_its_line() {
        let limits =
            |soft: &str| format!("Limit  Soft Limit  Hard Limit  Units\nMax open files  {soft}  524288  files \n");
        assert_eq!(read(&limits("1024")), Some(1_024));
        assert_eq!(read(&limits("unlimited")), None);
        assert_eq!(read(""), None);
    }
}
