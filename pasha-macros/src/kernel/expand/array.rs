//! The array behind an output: its element and its dimension.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Path;

use super::{Expansion, place};
use crate::kernel::model::bound_for;
use crate::kernel::slot::{Form, Rank, Slot};

/// How many axes an array has.
#[derive(Clone, Copy)]
pub(super) enum Axes {
    /// Those of the slot.
    Slot,
    /// One more, which counts items or workers.
    OneMore,
}

impl Expansion<'_, '_> {
    /// The element and the dimension; spelled where they are visible, because what is projected
    /// does not infer in a generic kernel.
    pub(super) fn array(&self, slot: &Slot<'_>, p: &Path, axes: Axes) -> (TokenStream, TokenStream) {
        let span = place::of_slot(slot);
        let (elem, rank) = match &slot.form {
            Form::Element(elem) => (elem, &Rank::Fixed(0)),
            Form::Row(elem) => (elem, &Rank::Fixed(1)),
            Form::View { elem, rank } => (elem, rank),
            Form::Alias | Form::Mistake(_) => {
                let bound = bound_for(slot.ty, &self.loan);
                let elem = quote_spanned!(span=> <#bound as #p::Slot>::Elem);
                let own = quote_spanned!(span=> <#bound as #p::Slot>::Dim);
                return (elem, axes.of(own, p, span));
            }
        };
        let dim = match rank {
            Rank::Fixed(rank) => {
                let name = format_ident!("Ix{}", axes.count(*rank), span = span);
                quote_spanned!(span=> #p::#name)
            }
            Rank::Dynamic => quote_spanned!(span=> #p::IxDyn),
            Rank::Type(ty) => axes.of(quote!(#ty), p, span),
        };
        let elem = bound_for(elem, &self.loan);
        (quote!(#elem), dim)
    }
}

impl Axes {
    fn count(self, slot: usize) -> usize {
        match self {
            Axes::Slot => slot,
            Axes::OneMore => slot + 1,
        }
    }

    fn of(self, slot: TokenStream, p: &Path, span: Span) -> TokenStream {
        match self {
            Axes::Slot => slot,
            Axes::OneMore => quote_spanned!(span=> <#slot as #p::Dimension>::Larger),
        }
    }
}

/// The type of what may be left out.
pub(super) fn optional(slot: &Slot<'_>, ty: TokenStream) -> TokenStream {
    if slot.optional { quote_spanned!(place::of_slot(slot)=> ::core::option::Option<#ty>) } else { ty }
}
