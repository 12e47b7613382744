/** uname(2): struct new_utsname of include/uapi/linux/utsname.h, six C strings of 65 bytes; the second is the host name. */
export const UTSNAME = { size: 6 * 65, nodename: 65, length: 65 } as const;
