from georgia import _core
