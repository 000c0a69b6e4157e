//! One of the servers that an address names, apart from the others, and their names for words.

use tokio_postgres::Config;
use tokio_postgres::config::Host;

/// The same way to one of the servers alone. The driver lets nobody take a host away, so all the rest is told again.
pub(super) fn only(all: &Config, nth: usize) -> Config {
    let mut one = Config::new();
    match all.get_hosts().get(nth) {
        Some(Host::Tcp(name)) => _ = one.host(name),
        Some(Host::Unix(path)) => _ = one.host_path(path),
        None => {}
    }
    all.get_hostaddrs().get(nth).into_iter().for_each(|address| _ = one.hostaddr(*address));
    let ports = all.get_ports();
    ports.get(nth).or(ports.first()).into_iter().for_each(|port| _ = one.port(*port));
    all.get_user().into_iter().for_each(|user| _ = one.user(user));
    all.get_password().into_iter().for_each(|password| _ = one.password(password));
    all.get_dbname().into_iter().for_each(|name| _ = one.dbname(name));
    all.get_options().into_iter().for_each(|options| _ = one.options(options));
    all.get_application_name().into_iter().for_each(|name| _ = one.application_name(name));
    all.get_connect_timeout().into_iter().for_each(|wait| _ = one.connect_timeout(*wait));
    all.get_tcp_user_timeout().into_iter().for_each(|wait| _ = one.tcp_user_timeout(*wait));
    all.get_keepalives_interval().into_iter().for_each(|wait| _ = one.keepalives_interval(wait));
    all.get_keepalives_retries().into_iter().for_each(|count| _ = one.keepalives_retries(count));
    one.keepalives(all.get_keepalives()).keepalives_idle(all.get_keepalives_idle());
    one.ssl_mode(all.get_ssl_mode()).ssl_negotiation(all.get_ssl_negotiation());
    one.channel_binding(all.get_channel_binding()).target_session_attrs(all.get_target_session_attrs());
    one
}

/// The servers of a configuration with their ports, for words.
pub(super) fn places(config: &Config) -> String {
    let ports = config.get_ports();
    let port = |nth: usize| ports.get(nth).or(ports.first()).copied().unwrap_or(5432);
    let place = |(nth, host): (usize, String)| format!("{host}:{}", port(nth));
    hosts(config).into_iter().enumerate().map(place).collect::<Vec<_>>().join(", ")
}

/// The servers of a configuration by name, or by address where they have none.
pub(super) fn hosts(config: &Config) -> Vec<String> {
    let shown = |host: &Host| match host {
        Host::Tcp(name) => name.clone(),
        Host::Unix(path) => path.display().to_string(),
    };
    match config.get_hosts() {
        [] => config.get_hostaddrs().iter().map(ToString::to_string).collect(),
        hosts => hosts.iter().map(shown).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::address;
    use super::*;

    #[test]
    fn each_server_of_an_address_is_reached_as_all_of_them_were() {
        let url = "postgresql://tenantry:secret@db1,db2:5433/house?connect_timeout=5&options=-cwork_mem%3D4MB\
                   &tcp_user_timeout=9000&keepalives_idle=30&keepalives_interval=5&keepalives_count=4&application_name=a";
        let (all, _) = address::read(url).unwrap();
        let alone = |host: &str, port: u16| {
            let url = url.replace("db1,db2:5433", &format!("{host}:{port}"));
            address::read(&url).unwrap().0
        };
        assert_eq!(only(&all, 0), alone("db1", 5432));
        assert_eq!(only(&all, 1), alone("db2", 5433));
        let (both, _) = address::read("host=a,b hostaddr=192.0.2.1,192.0.2.2 port=7 user=u dbname=d").unwrap();
        assert_eq!(only(&both, 1), address::read("host=b hostaddr=192.0.2.2 port=7 user=u dbname=d").unwrap().0);
    }
}
