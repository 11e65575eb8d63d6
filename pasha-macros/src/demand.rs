//! Where-clauses that say what the user's types have to be, so that a wrong one is not an error in each line that names it.

use proc_macro2::TokenStream;
use syn::{Type, WherePredicate, parse_quote};

/// `ty: bound`. The compiler reports it if it cannot hold, and each of its supertraits that cannot.
pub(crate) fn loud(ty: &Type, bound: &TokenStream) -> WherePredicate {
    parse_quote!(#ty: #bound)
}

/// The same for a type that is reported elsewhere: the compiler does not try a where-clause with lifetimes of its own.
pub(crate) fn quiet(ty: &Type, bound: &TokenStream) -> WherePredicate {
    parse_quote!(for<'__x> <&'__x #ty as ::core::ops::Deref>::Target: #bound)
}
