#ifndef CRESTIC_H
#define CRESTIC_H
#endif
