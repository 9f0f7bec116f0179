/*
 * duty.h
 *		Duties of roles, as the functions ask that no policy guards.
 */
#ifndef OOTSPG_CONFIGURATION_DUTY_H
#define OOTSPG_CONFIGURATION_DUTY_H

/*
 * Has the current user the duty for the provider? Whoever row-level security does not
 * bind (superusers, the tables' owner) has every one.
 */
extern bool duty_covers(const char *duty, const char *provider);

#endif							/* OOTSPG_CONFIGURATION_DUTY_H */
