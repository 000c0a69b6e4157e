//! The events in a user's life, which are the rows of the table, and the gaps between two of them.

/// One thing that happens to a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Deed {
    Create,
    MakeAgain,
    Remove,
    SendLink,
    AdminReset,
    ResetByAnother,
    ResetUnderKey,
    ResetAndRevoke,
    Forgot,
    OwnWish,
    Open,
    Redeem,
    Cancel,
    Resend,
    ChangePassword,
    ChangeAddress,
    ConfirmAddress,
    KeepAddress,
    SignIn,
    Guess,
    GuessOn,
    SignOut,
    EndSessions,
    Disable,
    Enable,
    ChangeRoles,
    AssignOwner,
    UnassignOwner,
    MakeCredential,
    RenewCredential,
    SwitchCredential,
    RevokeCredential,
    KeepPasswords,
    KillPasswords,
    RevokeOnReset,
    OneMailAnHour,
    ShortLinks,
    /// Where a habit of before is enough.
    Nothing,
}

impl Deed {
    /// Every one.
    pub const ALL: [Self; 37] = [
        Self::Create,
        Self::MakeAgain,
        Self::Remove,
        Self::SendLink,
        Self::AdminReset,
        Self::ResetByAnother,
        Self::ResetUnderKey,
        Self::ResetAndRevoke,
        Self::Forgot,
        Self::OwnWish,
        Self::Open,
        Self::Redeem,
        Self::Cancel,
        Self::Resend,
        Self::ChangePassword,
        Self::ChangeAddress,
        Self::ConfirmAddress,
        Self::KeepAddress,
        Self::SignIn,
        Self::Guess,
        Self::GuessOn,
        Self::SignOut,
        Self::EndSessions,
        Self::Disable,
        Self::Enable,
        Self::ChangeRoles,
        Self::AssignOwner,
        Self::UnassignOwner,
        Self::MakeCredential,
        Self::RenewCredential,
        Self::SwitchCredential,
        Self::RevokeCredential,
        Self::KeepPasswords,
        Self::KillPasswords,
        Self::RevokeOnReset,
        Self::OneMailAnHour,
        Self::ShortLinks,
    ];
    /// The wishes for a link: among these all pairs are tried with nothing and with half a minute between them too.
    pub const WISHES: [Self; 9] = [
        Self::MakeAgain,
        Self::SendLink,
        Self::AdminReset,
        Self::ResetByAnother,
        Self::ResetUnderKey,
        Self::ResetAndRevoke,
        Self::Forgot,
        Self::OwnWish,
        Self::Resend,
    ];

    /// The operations that do it, each in turn. None for an operator's command.
    pub fn operations(self) -> &'static [&'static str] {
        match self {
            Self::Create | Self::MakeAgain => &["ves.io.schema.user.CustomAPI.Create"],
            Self::Remove => &["ves.io.schema.user.CustomAPI.CascadeDelete"],
            Self::SendLink => &["ves.io.schema.user.CustomAPI.SendPasswordEmail"],
            Self::AdminReset | Self::ResetByAnother | Self::ResetUnderKey => {
                &["ves.io.schema.user.CustomAPI.ResetPasswordByAdmin"]
            }
            Self::ResetAndRevoke => &["tenantry.resets.create"],
            Self::Forgot => {
                &["tenantry.forgot.send", "ves.io.schema.signup.CustomAPI.SendPasswordEmail", "tenantry.reset.fresh"]
            }
            Self::OwnWish => &["ves.io.schema.user.CustomAPI.ResetPassword"],
            Self::Open => &["tenantry.reset.open"],
            Self::Redeem => &["tenantry.reset.redeem"],
            Self::Cancel => &["tenantry.resets.cancel"],
            Self::Resend => &["tenantry.resets.resend"],
            Self::ChangePassword => &["tenantry.account.change_password"],
            Self::ChangeAddress => &["tenantry.users.change_email", "tenantry.account.change_email"],
            Self::ConfirmAddress => &["tenantry.email.confirm"],
            Self::KeepAddress => &["tenantry.users.keep_email", "tenantry.account.keep_email"],
            Self::SignIn | Self::Guess | Self::GuessOn => &["tenantry.account.sign_in"],
            Self::SignOut => &["tenantry.account.sign_out"],
            Self::EndSessions => &["tenantry.account.end_sessions"],
            Self::Disable => &["tenantry.users.disable", "ves.io.schema.user.setting.CustomAPI.DisableUserInIDM"],
            Self::Enable => &["tenantry.users.enable", "ves.io.schema.user.setting.CustomAPI.EnableUserInIDM"],
            Self::ChangeRoles => &[
                "ves.io.schema.user.CustomAPI.Replace",
                "ves.io.schema.user.CustomAPI.Replace_post_post_post",
                "ves.io.schema.user.CustomAPI.AssignRole",
                "ves.io.schema.user.CustomAPI.AddUserToGroup",
                "ves.io.schema.user.CustomAPI.RemoveUserFromGroup",
            ],
            Self::AssignOwner => &["ves.io.schema.tenant.CustomAPI.AssignDomainOwner"],
            Self::UnassignOwner => &["ves.io.schema.tenant.CustomAPI.UnassignDomainOwner"],
            Self::MakeCredential => &["ves.io.schema.api_credential.CustomAPI.Create"],
            Self::RenewCredential => &["ves.io.schema.api_credential.CustomAPI.Renew"],
            Self::SwitchCredential => &["ves.io.schema.api_credential.CustomAPI.Activate"],
            Self::RevokeCredential => {
                &["ves.io.schema.api_credential.CustomAPI.Revoke", "ves.io.schema.api_credential.CustomAPI.BulkRevoke"]
            }
            _ => &[],
        }
    }

    /// The tenant's setting that it changes, and the new value.
    pub fn setting(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::KeepPasswords => Some(("keep_password_until_redeemed", "true")),
            Self::KillPasswords => Some(("keep_password_until_redeemed", "false")),
            Self::RevokeOnReset => Some(("reset_revokes_credentials", "true")),
            Self::OneMailAnHour => Some(("reset_mails_per_hour", "1")),
            Self::ShortLinks => Some(("link_lifetime_minutes", "10")),
            _ => None,
        }
    }

    /// Whether it is about an existing link.
    fn needs_link(self) -> bool {
        matches!(self, Self::Open | Self::Redeem | Self::Cancel | Self::Resend)
    }

    /// Whether it is about a new address that was asked for before.
    fn needs_new_address(self) -> bool {
        matches!(self, Self::ConfirmAddress | Self::KeepAddress)
    }

    /// Whether it may make a link.
    pub fn makes_link(self) -> bool {
        Self::WISHES.contains(&self) || matches!(self, Self::Create | Self::AssignOwner)
    }
}

/// Operations that write and are no row, each with the reason.
pub const NOT_OF_A_LIFE: &[(&str, &str)] = &[
    ("tenantry.users.address_cool_off", "for how long mail goes to a former address; `address_changes.rs`"),
    ("tenantry.v1.audit.head_mail", "where the ends of the audit log are mailed; `heads.rs`"),
    ("tenantry.account.export", "reads, but for its own record"),
    ("tenantry.people.export", "reads, but for its own record"),
    ("tenantry.people.erase", "ends what CascadeDelete ends; `erasure.rs` and its neighbours ask the crossings"),
    ("tenantry.bulk.act", "each user as by the operation for one; `bulk_crossings.rs` asks"),
    ("tenantry.bulk.plan", "a row of its own"),
    ("tenantry.bulk.stop", "a row of its own"),
    ("tenantry.incidents.agree", "begins what `start` begins; `incident_crossings.rs` asks"),
    ("tenantry.incidents.cancel", "a row of its own; `incidents.rs` asks what follows"),
    ("tenantry.incidents.change", "a row of its own"),
    ("tenantry.incidents.declare", "a row of its own"),
    ("tenantry.incidents.decline", "a row of its own"),
    ("tenantry.incidents.evidence", "reads"),
    ("tenantry.incidents.go_on", "a row of its own"),
    ("tenantry.incidents.lines", "rows of its own"),
    ("tenantry.incidents.pause", "a row of its own"),
    ("tenantry.incidents.plan", "a row of its own"),
    ("tenantry.incidents.release", "mails of held resets; `incident_crossings.rs` asks"),
    ("tenantry.incidents.remind", "an hour after the last mails; `incident_reminders.rs` asks"),
    ("tenantry.incidents.retry", "mails that were given up; `incidents.rs` asks"),
    ("tenantry.incidents.start", "ends what a reset ends; `incident_crossings.rs` asks"),
    ("tenantry.imports.begin", "a row of its own"),
    ("tenantry.webhooks.create", "a row of its own"),
    ("tenantry.webhooks.off", "a row of its own"),
    ("tenantry.webhooks.on", "a row of its own"),
    ("tenantry.webhooks.remove", "a row of its own"),
    ("tenantry.webhooks.replace", "a row of its own"),
    ("tenantry.webhooks.resend", "a row of its own"),
    ("tenantry.webhooks.rotate", "a row of its own"),
    ("tenantry.webhooks.test", "sends what no user's state is a part of"),
    ("tenantry.imports.chunk", "users who are new; what it changes of others is as by Disable, and `imports.rs` asks"),
    ("tenantry.imports.end", "a row of its own"),
    ("tenantry.imports.hashes", "whether users who are new may bring a password"),
    (
        "tenantry.imports.invite",
        "a row of its own; what it brings is the first link of a new user, and `invitations.rs` asks",
    ),
    ("tenantry.imports.key", "keeps nothing"),
    ("tenantry.imports.plan", "a row of its own"),
    ("tenantry.imports.run", "a row of its own"),
    ("tenantry.imports.stop", "a row of its own"),
    ("tenantry.imports.upload", "as by the chunks of a client; `uploads.rs` asks"),
    ("tenantry.tenant.export_hashes", "reads, but for its record"),
    ("tenantry.mail_texts.preview", "reads"),
    ("tenantry.mail_texts.remove", "words of mails; what their links do does not hang on them"),
    ("tenantry.mail_texts.set", "words of mails; what their links do does not hang on them"),
    ("tenantry.mail_texts.test", "a mail whose link opens nothing"),
    ("ves.io.schema.api_credential.CustomAPI.ActivateServiceCredentials", "a service user is no person"),
    ("ves.io.schema.api_credential.CustomAPI.BulkRevokeServiceCredentials", "a service user is no person"),
    ("ves.io.schema.api_credential.CustomAPI.CreateServiceCredentials", "a service user is no person"),
    ("ves.io.schema.api_credential.CustomAPI.RenewServiceCredentials", "a service user is no person"),
    ("ves.io.schema.api_credential.CustomAPI.ReplaceServiceCredentials", "a service user is no person"),
    ("ves.io.schema.api_credential.CustomAPI.RevokeServiceCredentials", "a service user is no person"),
    ("ves.io.schema.contact.API.Create", "no user has anything in an object of a namespace"),
    ("ves.io.schema.contact.API.Delete", "no user has anything in an object of a namespace"),
    ("ves.io.schema.contact.API.Replace", "no user has anything in an object of a namespace"),
    ("ves.io.schema.namespace.API.Create", "no user has anything in a new namespace"),
    ("ves.io.schema.namespace.API.Replace", "writes the namespace's own description"),
    ("ves.io.schema.namespace.CustomAPI.CascadeDelete", "roles in it go; what a user has does not hang on them"),
    ("ves.io.schema.namespace.CustomAPI.EvaluateAPIAccess", "reads"),
    ("ves.io.schema.namespace.CustomAPI.EvaluateBatchAPIAccess", "reads"),
    ("ves.io.schema.namespace.CustomAPI.LookupUserRoles", "reads"),
    ("ves.io.schema.role.API.Create", "nobody holds a new role"),
    ("ves.io.schema.role.API.Delete", "nobody holds it any more"),
    ("ves.io.schema.role.API.Replace", "writes the role's own description"),
    ("ves.io.schema.role.CustomAPI.CustomCreate", "nobody holds a new role"),
    (
        "ves.io.schema.role.CustomAPI.CustomReplace",
        "what a user has does not hang on roles; rank is asked in `access.rs`",
    ),
    ("tenantry.settings.change", "the operator's verb stands for it: `Deed::setting`"),
    ("ves.io.schema.tenant.CustomAPI.DeleteImage", "a picture on the pages"),
    ("ves.io.schema.signup.CustomAPI.ValidateRegistration", "reads"),
    ("ves.io.schema.tenant.CustomAPI.DeleteTenant", "marks the tenant, which goes on"),
    (
        "ves.io.schema.tenant.CustomAPIEywaprime.DeactivateTenant",
        "shuts everyone of a tenant out alike; `suspension.rs`",
    ),
    ("tenantry.account.begin_second_factor", "`factor_crossings.rs` has the crossings of a second factor"),
    ("tenantry.account.confirm_second_factor", "as tenantry.account.begin_second_factor"),
    ("tenantry.account.prove", "the time of a session's proof, and nothing else"),
    ("tenantry.account.remove_second_factor", "as tenantry.account.begin_second_factor"),
    ("tenantry.account.renew_recovery_codes", "as tenantry.account.begin_second_factor"),
    ("tenantry.second_factor.link", "as tenantry.account.begin_second_factor"),
    ("tenantry.second_factor.open", "as tenantry.account.begin_second_factor"),
    ("tenantry.sign_in.code", "as tenantry.account.begin_second_factor"),
    ("tenantry.sign_in.enrol", "as tenantry.account.begin_second_factor"),
    ("ves.io.schema.tenant.CustomAPI.DisableTenantLevelOTP", "a rule for later sign-ins; `one_time_codes.rs`"),
    ("ves.io.schema.tenant.CustomAPI.EnableTenantLevelOTP", "a rule for later sign-ins; `one_time_codes.rs`"),
    ("ves.io.schema.tenant.CustomAPI.GetLoginEventsInTimeFrame", "reads"),
    ("ves.io.schema.tenant.CustomAPI.UpdateIDMSettings", "rules for passwords that are chosen later"),
    ("ves.io.schema.tenant.CustomAPI.UpdateImage", "a picture on the pages"),
    ("ves.io.schema.views.tenant_configuration.API.Create", "rules for passwords that are chosen later"),
    ("ves.io.schema.views.tenant_configuration.API.Delete", "rules for passwords that are chosen later"),
    ("ves.io.schema.views.tenant_configuration.API.Replace", "rules for passwords that are chosen later"),
    ("ves.io.schema.tenant.CustomAPI.UpdateTenantSettings", "a bound of credentials that are made later"),
    ("ves.io.schema.user.setting.CustomAPI.DeleteUserImage", "a user's settings end and open nothing"),
    (
        "ves.io.schema.user.setting.CustomAPI.RequestInitialAccess",
        "a mail to the owners; the user's own row of settings",
    ),
    ("ves.io.schema.user.setting.CustomAPI.SetViewPreference", "a user's settings end and open nothing"),
    ("ves.io.schema.user.setting.CustomAPI.UnsetAdminNtfnPreference", "a user's settings end and open nothing"),
    ("ves.io.schema.user.setting.CustomAPI.UnsetNtfnPreference", "a user's settings end and open nothing"),
    ("ves.io.schema.user.setting.CustomAPI.Update", "a user's settings end and open nothing"),
    ("ves.io.schema.user.setting.CustomAPI.UpdateAdminNtfnPreferences", "a user's settings end and open nothing"),
    ("ves.io.schema.user.setting.CustomAPI.UpdateCombinedNtfnPreferences", "a user's settings end and open nothing"),
    ("ves.io.schema.user.setting.CustomAPI.UpdateNtfnPreferences", "a user's settings end and open nothing"),
    ("ves.io.schema.user.setting.CustomAPI.UpdateUserImage", "a user's settings end and open nothing"),
    ("ves.io.schema.user.CustomAPI.AcceptTOS", "what a user accepts ends and opens nothing"),
    ("ves.io.schema.user.CustomAPI.SyncUser", "reads"),
    (
        "ves.io.schema.user.setting.CustomAPI.ResetOtpDeviceByAdmin",
        "as tenantry.account.begin_second_factor; it ends sessions where there was one",
    ),
    ("ves.io.schema.user_group.CustomAPI.AnalyzeForDeletion", "reads"),
    ("ves.io.schema.user_group.CustomAPI.AssignRole", "what a user has does not hang on roles"),
    ("ves.io.schema.user_group.CustomAPI.Create", "what a user has does not hang on roles"),
    ("ves.io.schema.user_group.CustomAPI.Delete", "what a user has does not hang on roles"),
    ("ves.io.schema.user_group.CustomAPI.RemoveRole", "what a user has does not hang on roles"),
    ("ves.io.schema.user_group.CustomAPI.Replace", "what a user has does not hang on roles"),
];

/// The gap between two events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Gap {
    Nothing,
    Seconds(i64),
    Restart,
    NewKey,
}

impl Gap {
    pub const ALL: [Self; 6] =
        [Self::Nothing, Self::Seconds(31), Self::Restart, Self::Seconds(7_200), Self::NewKey, Self::Seconds(691_200)];
}

/// The state in which a life begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Start {
    /// With a password, two sessions and a credential.
    Settled,
    /// Nobody has this address yet.
    Absent,
    /// Settled, and an administrator has sent a link.
    Linked,
    /// Settled, and another address was asked for.
    Moving,
    /// Linked and moving.
    LinkedAndMoving,
    /// Settled, and links were requested four times, half a minute apart.
    Pestered,
    /// Settled, and the holder of a session has asked for links four times.
    Wishing,
    /// Settled, and an administrator has sent as many links as an hour allows.
    Mailed,
}

impl Start {
    /// The habits that are rows of their own: each is tried before each deed.
    pub const HABITS: [Self; 3] = [Self::Pestered, Self::Wishing, Self::Mailed];

    /// The events before the life, half a minute apart.
    pub fn prologue(self) -> &'static [Deed] {
        match self {
            Self::Settled | Self::Absent => &[],
            Self::Linked => &[Deed::SendLink],
            Self::Moving => &[Deed::ChangeAddress],
            Self::LinkedAndMoving => &[Deed::SendLink, Deed::ChangeAddress],
            Self::Pestered => &[Deed::Forgot; 4],
            Self::Wishing => &[Deed::OwnWish; 4],
            Self::Mailed => &[Deed::SendLink; 5],
        }
    }
}

/// A short life: its first state, its events, and the gaps between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    pub start: Start,
    pub deeds: Vec<Deed>,
    pub gaps: Vec<Gap>,
    /// Which of several ways each deed is done in.
    pub way: usize,
}

impl Script {
    pub fn new(deeds: &[Deed], gaps: &[Gap], way: usize) -> Self {
        assert_eq!(deeds.len(), gaps.len() + 1);
        let place = |is: fn(Deed) -> bool| deeds.iter().position(|deed| is(*deed));
        let lacks = |needs, makes| place(needs).is_some_and(|at| place(makes).is_none_or(|made| at <= made));
        let lacks_address = lacks(Deed::needs_new_address, |deed| deed == Deed::ChangeAddress);
        let start = match (lacks(Deed::needs_link, Deed::makes_link), lacks_address) {
            _ if deeds[0] == Deed::Create => Start::Absent,
            (true, true) => Start::LinkedAndMoving,
            (true, false) => Start::Linked,
            (false, true) => Start::Moving,
            (false, false) => Start::Settled,
        };
        Self { start, deeds: deeds.to_vec(), gaps: gaps.to_vec(), way }
    }

    pub fn after(start: Start, deed: Deed, gap: Gap, way: usize) -> Self {
        Self { start, deeds: vec![Deed::Nothing, deed], gaps: vec![gap], way }
    }

    /// Whether the user asks for a new address, and no administrator.
    pub fn asks_themself(&self) -> bool {
        self.way % 2 == 1
    }

    /// The changes of settings in it, by their place: lives with the same share a tenant.
    pub fn settings(&self) -> Vec<(usize, Deed)> {
        let all = self.deeds.iter().copied().enumerate();
        all.filter(|(_, deed)| deed.setting().is_some()).collect()
    }
}
