#include "CRestic.h"
