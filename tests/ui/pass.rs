//! What compiles: each file is a sentence or a list of forms, with tests that run them.

// Forms that could be shorter are the point.
#![allow(clippy::multiple_bound_locations, clippy::needless_borrows_for_generic_args, clippy::needless_lifetimes)]

/// Lists the modules of one topic.
macro_rules! modules {
    ($($name:ident = $path:literal;)*) => {$(
        #[path = $path]
        mod $name;
    )*};
}

modules! {
    all_generics = "kernel/pass/all_generics.rs";
    all_items = "kernel/pass/all_items.rs";
    all_outputs = "kernel/pass/all_outputs.rs";
    all_results = "kernel/pass/all_results.rs";
    allocation_from_the_declaration = "kernel/pass/allocation_from_the_declaration.rs";
    attributes_and_docs = "kernel/pass/attributes_and_docs.rs";
    names_and_places = "kernel/pass/names_and_places.rs";
    scratch_and_params = "kernel/pass/scratch_and_params.rs";

    enums = "functor/pass/enums.rs";
    structs = "functor/pass/structs.rs";
    visits = "functor/pass/visits.rs";

    functors_by_hand = "map/pass/functors_by_hand.rs";
    kernels_are_bound_in_many_ways = "map/pass/kernels_are_bound_in_many_ways.rs";

    builders_take_their_words_in_any_order = "array/pass/builders_take_their_words_in_any_order.rs";
}
