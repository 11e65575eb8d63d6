//! The code written for a derived functor: its item, and the impls that make it one.

mod choice;
mod demands;
mod field;
mod item;
mod sent;
mod stand_in;
mod zipped;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{Ident, Path, parse_quote};

use super::model::{Field, Shape, Source};
use crate::crate_path;

/// The expansion; of a mistaken type, what keeps its uses from being reported as well.
pub(crate) fn source(source: &Source<'_>) -> TokenStream {
    let private = crate_path::private(source.options.krate.as_ref());
    let expansion = Expansion { source, private };
    match source.shape() {
        Shape::Transparent(field) => expansion.assemble(transparent(field)),
        Shape::Zipped(fields) => {
            let structure = expansion.item_struct(&fields);
            let impls = expansion.assemble(expansion.zipped(&fields));
            quote!(#structure #impls)
        }
        Shape::Choice(choices) => expansion.assemble(expansion.choice(&choices)),
        Shape::Mistaken => expansion.stand_in(),
    }
}

struct Expansion<'s, 'a> {
    source: &'s Source<'a>,
    /// `::pasha::__private`
    private: Path,
}

/// What differs between the shapes: the types and the bodies of the two impls.
struct Body {
    item: TokenStream,
    state: TokenStream,
    items: TokenStream,
    make_state: TokenStream,
    make_item: TokenStream,
    visit: Visit,
}

/// How the items of a share are visited.
enum Visit {
    /// By what a field does for its own.
    Forward(TokenStream),
    /// One by one.
    Loop(TokenStream),
}

impl Expansion<'_, '_> {
    fn assemble(&self, body: Body) -> TokenStream {
        let Body { item, state, items, make_state, make_item, visit } = body;
        let (name, private) = (self.source.name(), &self.private);
        let (own_state, index) = (local("__state"), local("__index"));
        let (share, each) = (local("__share"), local("__each"));
        let (mutable, visit) = match visit {
            Visit::Forward(visit) => (None, visit),
            // A binding in the body that is mutable instead would cost a third of the speed of a cheap kernel.
            Visit::Loop(visit) => (Some(quote!(mut)), visit),
        };
        let mut generics = self.source.original.generics.clone();
        generics.make_where_clause().predicates.extend(self.demands());
        let has_predicates = generics.where_clause.as_ref().is_some_and(|clause| !clause.predicates.is_empty());
        let allow = has_predicates.then(|| quote!(#[allow(trivial_bounds, unused_qualifications)]));
        let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
        let mut with_item = generics.clone();
        with_item.params.insert(0, parse_quote!('__item));
        let (item_generics, _, _) = with_item.split_for_impl();
        let trial = self.trial();
        let sent = self.sent();
        quote! {
            #allow
            const _: () = {
                use #private as __p;
                #[automatically_derived]
                impl #item_generics __p::Items<'__item> for #name #ty_generics #where_clause {
                    type Item = #item;
                }
                #[automatically_derived]
                impl #impl_generics __p::Functor for #name #ty_generics #where_clause {
                    type State = #state;
                    fn items(&self) -> __p::Result<usize> {
                        #items
                    }
                    fn state(&self) -> __p::Result<Self::State> {
                        #make_state
                    }
                    #[inline]
                    fn item<'__a>(
                        &'__a self,
                        #own_state: &'__a mut Self::State,
                        #index: usize,
                    ) -> __p::Result<__p::Item<'__a, Self>> {
                        #make_item
                    }
                    #[inline]
                    fn visit(
                        &self,
                        #own_state: &mut Self::State,
                        #share: ::core::ops::Range<usize>,
                        #mutable #each: impl for<'__a> ::core::ops::FnMut(__p::Item<'__a, Self>) -> ::core::ops::ControlFlow<()>,
                    ) -> __p::Result<()> {
                        #visit
                    }
                    #sent
                }
                #trial
            };
        }
    }

    fn item_name(&self) -> Ident {
        let given = self.source.options.item.clone();
        given.unwrap_or_else(|| format_ident!("{}Item", self.source.name()))
    }
}

fn transparent(field: &Field<'_>) -> Body {
    let ty = field.ty();
    let place = field::of_self(field);
    let state = local("__state").into_token_stream();
    Body {
        item: quote!(__p::Item<'__item, #ty>),
        state: field::state_type(field),
        items: field::items(field, &place),
        make_state: field::state(field, &place),
        make_item: field::item(field, &place, state.clone()),
        visit: Visit::Forward(field::visit(field, &place, state)),
    }
}

/// A name that no code of the user's can see.
fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}
