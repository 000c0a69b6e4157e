//! Variables that Kubernetes and Docker set in every container next to a service named `tenantry`, `tenantry-smtp` or
//! `tenantry-http`. They are not settings.

/// How the names end that follow a port's number and protocol.
const OF_A_PORT: [&str; 7] = ["", "_ADDR", "_PORT", "_PROTO", "_START", "_END", "_PORT_START"];

/// Whether a container engine made this variable. A few names are also settings (`TENANTRY_SMTP_PORT`); for those the
/// value decides.
pub(super) fn is_foreign(name: &str, value: &str, is_setting: bool) -> bool {
    let is_link = ["tcp://", "udp://", "sctp://"].iter().any(|scheme| value.starts_with(scheme));
    if is_setting {
        return name.ends_with("_PORT") && is_link;
    }
    name.ends_with("_SERVICE_HOST")
        || name.split_once("_SERVICE_PORT").is_some_and(|(_, rest)| rest.is_empty() || rest.starts_with('_'))
        || name.ends_with("_PORT") && is_link
        || name.match_indices("_PORT_").any(|(at, word)| is_of_a_port(&name[at + word.len()..]))
        // Docker's links: the other container's place, and its environment.
        || name.ends_with("_NAME") && value.starts_with('/')
        || name.contains("_ENV_")
}

/// Such as `8080_TCP` and `8080_TCP_ADDR`.
fn is_of_a_port(text: &str) -> bool {
    let Some((number, rest)) = text.split_once('_') else { return false };
    let rest = ["TCP", "UDP", "SCTP"].iter().find_map(|protocol| rest.strip_prefix(protocol));
    number.parse::<u16>().is_ok() && rest.is_some_and(|rest| OF_A_PORT.contains(&rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_engines_make_is_told_from_a_slip_of_the_pen() {
        let made = [
            ("TENANTRY_SERVICE_HOST", "10.0.0.1"),
            ("TENANTRY_SERVICE_PORT", "8080"),
            ("TENANTRY_SERVICE_PORT_HTTP", "8080"),
            ("TENANTRY_PORT", "tcp://10.0.0.1:8080"),
            ("TENANTRY_PORT_8080_TCP", "tcp://10.0.0.1:8080"),
            ("TENANTRY_PORT_8080_TCP_PROTO", "tcp"),
            ("TENANTRY_PORT_8080_TCP_PORT", "8080"),
            ("TENANTRY_PORT_8080_TCP_ADDR", "10.0.0.1"),
            ("TENANTRY_PORT_53_UDP_ADDR", "10.0.0.1"),
            ("TENANTRY_HTTP_SERVICE_HOST", "10.0.0.1"),
            ("TENANTRY_SMTP_PORT_25_TCP_PORT", "25"),
            ("TENANTRY_NAME", "/web/tenantry"),
            ("TENANTRY_ENV_PATH", "/bin"),
            ("TENANTRY_SMTP_ENV_HOST", "x"),
        ];
        made.iter().for_each(|(name, value)| assert!(is_foreign(name, value, false), "{name}"));
        let ours = [
            ("TENANTRY_PORT", "8080"),
            ("TENANTRY_NAME", "acme"),
            ("TENANTRY_HTTP_PORT", "8080"),
            ("TENANTRY_SERVICE", "x"),
            ("TENANTRY_SERVICE_PORTS", "1"),
            ("TENANTRY_PORT_HTTP_TCP", "1"),
            ("TENANTRY_PORT_8080_TCP_NAME", "1"),
            ("TENANTRY_SMTP_HOTS", "10.0.0.1"),
        ];
        ours.iter().for_each(|(name, value)| assert!(!is_foreign(name, value, false), "{name}"));
        assert!(is_foreign("TENANTRY_SMTP_PORT", "tcp://10.0.0.1:25", true));
        assert!(!is_foreign("TENANTRY_SMTP_PORT", "25", true) && !is_foreign("TENANTRY_SMTP_HOST", "tcp://x", true));
    }
}
