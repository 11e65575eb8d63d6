//! What the types of the fields have to be, where it is neither plain nor said of the struct.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Type, WherePredicate, parse_quote};

use super::{Expansion, place};
use crate::generics::{self, Names};
use crate::kernel::model::{Field, Kind};
use crate::kernel::slot::Slot;
use crate::{demand, types};

impl Expansion<'_, '_> {
    pub(super) fn demands(&self) -> impl Iterator<Item = WherePredicate> {
        let folds = self.kernel.fields().filter_map(demand_of_fold);
        let params = self.kernel.fields().filter_map(|field| self.demand_of_param(field));
        self.demands_of_slots().chain(folds).chain(params)
    }

    /// Elements, which the struct reports if they are none.
    pub(super) fn demands_of_slots(&self) -> impl Iterator<Item = WherePredicate> {
        let elems = self.kernel.fields().filter_map(|field| elem_in_question(field.slot()?));
        let elems = elems.filter(|elem| !generics::is_bounded(self.kernel.generics(), elem, "Element"));
        elems.map(|elem| {
            let span = types::end_of(elem);
            let p = place::alias(span);
            self.demand(elem, &quote_spanned!(span=> #p::Element))
        })
    }

    fn demand_of_param(&self, field: &Field<'_>) -> Option<WherePredicate> {
        let Kind::Param(ty) = &field.kind else {
            return None;
        };
        if let Type::Reference(reference) = types::peel(ty) {
            let shared = Some(&*reference.elem).filter(|ty| !types::is_plain(ty) && !types::may_borrow(ty))?;
            return Some(demand::loud(shared, &quote_spanned!(types::end_of(shared)=> ::core::marker::Sync)));
        }
        let given = given(field)?;
        let span = types::end_of(given);
        let p = place::alias(span);
        Some(self.demand(given, &quote_spanned!(span=> #p::Given)))
    }

    /// A function that is never called: in it, a parameter that cannot be copied to every call is an error.
    pub(super) fn params_are_given(&self) -> Option<TokenStream> {
        let given = self.kernel.fields().filter_map(given).filter(|ty| !self.is_open(ty));
        let calls: Vec<_> = given.map(|ty| quote!(param::<#ty>();)).collect();
        (!calls.is_empty()).then(|| {
            quote! {
                fn __params_are_given() {
                    fn param<T: __p::Given>() {}
                    #(#calls)*
                }
            }
        })
    }

    fn demand(&self, ty: &Type, bound: &TokenStream) -> WherePredicate {
        if self.is_open(ty) { demand::loud(ty, bound) } else { demand::quiet(ty, bound) }
    }

    /// Whether it depends on the kernel's generics, so that the compiler does not look at it before it is used.
    fn is_open(&self, ty: &Type) -> bool {
        let names = Names::in_types(self.kernel.generics(), [ty]);
        names.has_types() || names.has_lifetimes()
    }
}

fn demand_of_fold(field: &Field<'_>) -> Option<WherePredicate> {
    let Kind::Reduce(slot, Some(fold)) = &field.kind else {
        return None;
    };
    let elem = elem_in_question(slot)?;
    let (start, end) = (elem.span(), types::end_of(elem));
    let fold = format_ident!("{}", fold.name()?, span = start);
    let (first, last) = (place::alias(start), place::alias(end));
    let fold = quote_spanned!(start=> #first::#fold);
    let predicate = quote_spanned!(end=> #fold: #last::Fold<#elem>);
    Some(parse_quote!(#predicate))
}

/// The element, unless it is a number.
fn elem_in_question<'a>(slot: &Slot<'a>) -> Option<&'a Type> {
    slot.elem().filter(|elem| !types::is_number(elem))
}

/// The type of a parameter that is neither a reference nor plain, nor borrows.
fn given<'a>(field: &Field<'a>) -> Option<&'a Type> {
    match field.kind {
        Kind::Param(ty) => Some(types::peel(ty)).filter(|ty| !types::is_plain(ty) && !types::may_borrow(ty)),
        _ => None,
    }
}
