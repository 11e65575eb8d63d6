#[allow(missing_docs, dead_code)]
struct MistakenItem<'item>(::core::marker::PhantomData<&'item ()>);
const _: () = {
    use ::pasha::__private as __p;
    impl<'__item> __p::Items<'__item> for Mistaken
    where
        Self: ::core::marker::Sync,
    {
        type Item = MistakenItem<'__item>;
    }
    impl __p::Functor for Mistaken
    where
        Self: ::core::marker::Sync,
    {
        type State = ();
        fn items(&self) -> __p::Result<usize> {
            loop {}
        }
        fn state(&self) -> __p::Result<()> {
            loop {}
        }
        fn item<'__a>(
            &'__a self,
            _: &'__a mut (),
            _: usize,
        ) -> __p::Result<__p::Item<'__a, Self>> {
            loop {}
        }
    }
};
::core::compile_error! {
    "this variant holds no functor: each holds one, such as an empty `Vec`"
}
::core::compile_error! {
    "this is one value, there is none for each item: mark the field `#[functor(skip)]`"
}
::core::compile_error! {
    "a variant holds one functor: mark this field `#[functor(skip)]`, or make the variant hold a struct that derives `Functor`"
}
