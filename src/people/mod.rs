//! The record of people, service users and user groups: who they are, how they sign in, which roles they were given, which
//! passwords they had. Nearly every room reads it. Their administration, which needs the other rooms, is in the rooms `users`
//! and `groups`.

mod accepted_terms;
mod access;
mod address;
mod adopted;
mod end_access;
mod erasures;
mod former;
mod found;
mod grants;
mod groups;
mod history;
mod kinds;
mod membership;
mod names;
mod new_user;
mod owners;
mod password;
mod quiet;
mod roles;
mod rows;
mod schemes;
mod sign_ins;
mod sleepers;
mod through;

pub use accepted_terms::{AcceptedTerms, accept_terms};
pub use access::{disable, enable, end_sessions, remove};
pub use address::{NewAddress, change_address};
pub use adopted::{Adopted, adopt, are_taken, has_only};
pub use end_access::{end_access, kill_passwords, local_owners, with_live_password};
pub use erasures::{
    AddressCode, ErasedKey, Erasure, addresses_after, begin_erasure, end_erasure, erased_addresses, find_erasure,
    forget_former, former_addresses, is_former, list_erasures, note_erased, note_erasure, were_erased,
};
pub use former::{hand_over, hand_over_each};
pub use found::{beginning, lacks_words, make_words, tenant_without_words, words_of};
pub use grants::{
    add_grants, grants_of, groups_of_roles, read_rights, replace_grants, resolve, rights_of, rights_of_each,
};
pub use groups::{
    Group, GroupChange, change_group, describe_group, find_group, get_group, insert_group, list_groups, members,
    remove_group, sum_of_members,
};
pub use history::{recent_hashes, retire_hash};
pub use kinds::{Kind, SignInBy};
pub use membership::grants_of_group;
pub use names::check_name;
pub use new_user::{Brought, NewUser, insert, insert_all, insert_each};
pub use owners::{appoint_owner, dismiss_owner};
pub use password::{note_sign_in, replace_password, upgrade_hash};
pub use quiet::{Quiet, activity_of_each, find_quiet, first_awake, stay_awake};
pub use roles::{
    Holder, another_person_with_role, change_role, forget_namespace, holder_of_role, holders_in, namespaces_of_role,
};
pub use rows::{
    User, email_taken, find_by_email, find_by_id, find_by_uid, find_each_by_email, find_each_by_id, get_by_email,
    owner_ids, rename,
};
pub use schemes::{Schemes, schemes};
pub use sign_ins::{LastSignIn, each_last_sign_in};
pub use sleepers::{
    Sleeper, bring_back, due_sleepers, fell_asleep, first_due, note_mailed, put_off, sleepers, tell_each, wake_each,
    will_go,
};
pub use through::{grants_by_groups, user_groups};
