# temporary: builds the first tables
import json
def y(cases):
    out=[]
    for c in cases:
        out.append(c)
    return out
A1={'a':'1','b':'1','c':'1'}
def v(**k):
    d=dict(A1); d.update(k); return d
up=[]
def case(tbl,name,was,*steps,**k):
    c={'name':name}; c.update(k); c['was']=was; c['steps']=[dict(s,see='') for s in steps]; tbl.append(c)
AG={}
fail=lambda *f:{'faults':list(f)}
# ---- scripts
case(up,'an upgrade-script that fails is taken back, once; --redo tries again, a changed block is free',v(),
  {'is':v(a='2'),'faults':['a upgrade 2 fail']},AG,{'run':'apply --redo a'},AG,{'is':v(a='3')},AG)
case(up,'an upgrade-script out of time',v(),{'is':v(a='2'),'faults':['a upgrade 2 hang']},AG)
case(up,'an upgrade-script that a signal ends',v(),{'is':v(a='2'),'faults':['a upgrade 2 die']},AG)
case(up,'the second of three fails: the first is taken back too',v(),{'is':v(a='2',b='2',c='2'),'faults':['b upgrade 2 fail']},AG)
case(up,'the last of three fails: both others are taken back',v(),{'is':v(a='2',b='2',c='2'),'faults':['c upgrade 2 fail']},AG)
case(up,'what differs in nothing is not touched on the way back',v(),{'is':v(c='2'),'faults':['c upgrade 2 fail']},AG)
case(up,'a downgrade that fails needs no leave to be taken back',{'a':'2'},{'is':{'a':'1'},'faults':['a upgrade 1 fail'],'run':'apply --allow-downgrade a'},{'run':'apply --allow-downgrade a'})
case(up,'an upgrade is taken back to an older version without leave',{'a':'1'},{'is':{'a':'2'},'faults':['a run 2 none']},AG,beats={'a':'file'})
case(up,'a script that fails on the way back, too: a person is needed',v(),{'is':v(a='2'),'faults':['a upgrade any fail']},AG,{'faults':[],'run':'rollback'},AG)
case(up,'the way back fails for one of three: the others are back',v(),{'is':v(a='2',c='2'),'faults':['c upgrade 2 fail','c upgrade 1 fail']},AG)
case(up,'and what failed on the way back is mended, and tried once more by hand',v(),{'is':v(a='2'),'faults':['a upgrade any fail']},{'faults':[],'run':'apply --redo a'},AG)
case(up,'rollback = no: a person is needed, and nothing is run a second time',v(),{'is':v(a='2'),'faults':['a upgrade 2 fail']},{'faults':[]},AG,ini={'a':'rollback = no'})
case(up,'rollback = no of one that did well: nothing is taken back',v(),{'is':v(a='2',b='2'),'faults':['b upgrade 2 fail']},{'faults':[]},ini={'a':'rollback = no'})
case(up,'rollback = no of one that nobody touched is no hindrance',v(),{'is':v(c='2'),'faults':['c upgrade 2 fail']},AG,ini={'a':'rollback = no'})
case(up,'rollback = no: settings are taken back all the same',{'c':{'version':'1','settings':{'size':1}}},{'is':{'c':{'version':'1','settings':{'size':2}}},'faults':['c reload any once']},AG,ini={'c':'rollback = no'})
case(up,'a first apply that fails has nothing to go back to',None,{'is':v(),'faults':['b upgrade 1 fail']},AG,{'faults':[]},AG)
case(up,'a second try of a first apply has neither',None,{'is':v(),'faults':['b upgrade 1 fail']},{'is':v(b='2'),'faults':['b upgrade 2 fail']},{'is':v(b='3')},AG)
case(up,'the way back leads over what failed, to the newest good one',v(),{'is':v(a='2')},{'is':v(a='3'),'faults':['a upgrade 3 fail']},{'is':v(a='4'),'faults':['a upgrade 4 fail']},AG)
case(up,'back to what is good: the good file again does nothing, and clears it',v(),{'is':v(a='2'),'faults':['a upgrade 2 fail']},{'is':v()},{'is':v(a='2'),'faults':[]},AG)
case(up,'a newer file with the same bad block leaves that alone, and does the rest',v(),{'is':v(a='2'),'faults':['a upgrade 2 fail']},{'is':v(a='2',c='2')},AG)
case(up,'what depends on a quarantined block waits for it',v(),{'is':v(a='2',b='2'),'faults':['a upgrade 2 fail']},AG,{'is':v(a='3',b='2')},AG)
case(up,'a block that is deleted is no longer in quarantine',v(),{'is':v(c='2'),'faults':['c upgrade 2 fail']},{'is':{'a':'1','b':'1'}},AG)
case(up,'quarantine is of the block, not of the version',v(),{'is':v(c='2'),'faults':['c upgrade 2 once']},{'is':v(c={'version':'2','repository':'r'})},AG)
case(up,'the same failing twice, then well',v(),{'is':v(a='2'),'faults':['a upgrade 2 twice']},AG,{'run':'apply --redo a'},{'run':'apply --redo a'},AG)
case(up,'a saved selection: what --only left out is not touched on the way back',v(),{'is':v(a='2',c='2'),'run':'apply --only c'},{'run':'apply --only a','faults':['a upgrade 2 fail']},AG)
case(up,'nothing was done: the file is refused before it is in place',{'c':{'version':'1','settings':{'size':1}}},{'is':{'c':{'version':'1','settings':{'size':'refused'}}}},AG)
# policies
pol=[]
case(pol,'stop: nothing is taken back',v(),{'is':v(a='2',c='2'),'faults':['c upgrade 2 fail']},{'faults':[]},AG,policy='stop')
case(pol,'stop: what comes after it is not begun',v(),{'is':v(a='2',b='2',c='2'),'faults':['a upgrade 2 fail']},{'is':v(),'faults':[]},policy='stop')
case(pol,'stop asked for on the command line',v(),{'is':v(a='2'),'faults':['a upgrade 2 fail'],'run':'apply --on-failure stop'},{'faults':[]},AG)
case(pol,'rollback asked for on the command line',v(),{'is':v(a='2'),'faults':['a upgrade 2 fail'],'run':'apply --on-failure rollback'},AG,policy='stop')
case(pol,'continue: the others stay as they were brought',v(),{'is':v(a='2',b='2',c='2'),'faults':['a upgrade 2 fail']},AG,policy='continue')
case(pol,'continue: dependents are taken back with it',v(),{'is':v(a='2',b='2',c='2'),'faults':['a run 2 none']},AG,policy='continue',beats={'a':'file'})
case(pol,'continue: what it depends on stays',v(),{'is':v(a='2',b='2',c='2'),'faults':['b upgrade 2 fail']},AG,policy='continue')
case(pol,'continue: two fail',v(),{'is':v(a='2',b='2',c='2'),'faults':['b upgrade 2 fail','c upgrade 2 fail']},AG,policy='continue')
case(pol,'continue: all fail',v(),{'is':v(a='2',b='2',c='2'),'faults':['a upgrade 2 fail','c upgrade 2 fail']},AG,policy='continue')
case(pol,'continue: what was held back in the run is not done on the way back',{'a':'1','c':'2'},{'is':{'a':'2','c':'1'},'faults':['a upgrade 2 fail']},AG,policy='continue')
case(pol,'continue: what is in quarantine is not tried on the way back',v(),{'is':v(c='2'),'faults':['c upgrade 2 fail']},{'is':v(a='2',c='2'),'faults':['a upgrade 2 fail','c upgrade 2 fail']},AG,policy='continue')
case(pol,'continue: one on the way back fails',v(),{'is':v(a='2',c='2'),'faults':['a upgrade any fail']},AG,policy='continue')
case(pol,'continue: a new one fails and is removed, the rest stays',v(),{'is':v(c='2',n='1'),'faults':['n upgrade 1 fail']},AG,policy='continue')
case(pol,'continue on the command line, killed on the way back: the next run goes back as far',v(),{'is':v(a='2',c='2'),'faults':['a upgrade 2 fail','a upgrade 1 kill-engine'],'run':'apply --on-failure continue'},{'reboot':True},AG)
# newcomers
case(pol,'a new one that fails is removed again',v(),{'is':v(n='1'),'faults':['n upgrade 1 fail']},AG)
case(pol,'a new one that did well is removed with the rest',v(),{'is':v(c='2',n='1'),'faults':['n upgrade 1 fail']},AG)
case(pol,'a new one whose removal fails: a person is needed',v(),{'is':v(n='1'),'faults':['n upgrade 1 fail','n remove any fail']},AG)
case(pol,'a new one that nothing can remove stays, and that is said',v(),{'is':v(m='1'),'faults':['m upgrade 1 fail']},AG,{'is':v()})
case(pol,'a new one without remove-script that did well stays, though another fails',v(),{'is':v(m='1',t={'settings':{'size':'sick'}}),'faults':['t reload any fail']},AG)
case(pol,'one that was there before is not removed for it',v(n='1'),{'is':v()},{'is':v(n='2'),'faults':['n upgrade 2 fail']},AG)
case(pol,'a block that was deleted comes back with the rest',v(n='1'),{'is':v(a='2'),'faults':['a upgrade 2 fail']},AG)
# settings
st=[]
C=lambda size,ver='1',**k:dict({'version':ver,'settings':{'size':size}},**k)
case(st,'a config file comes back byte for byte',{'c':C(1)},{'is':{'c':C('sick')}},AG,{'is':{'c':C(2)}},beats={'c':'file'})
case(st,'a reload-script that fails',{'c':C(1)},{'is':{'c':C(2)},'faults':['c reload any once']},AG)
case(st,'a reload-script that fails on the way back, too',{'c':C(1)},{'is':{'c':C(2)},'faults':['c reload any fail']},AG)
case(st,'version and settings',{'c':C(1)},{'is':{'c':C(2,'2')},'faults':['c upgrade 2 fail']},AG)
case(st,'version and settings, of which the settings are at fault',{'c':C(1)},{'is':{'c':C('sick','2')}},AG,beats={'c':'file'})
case(st,'the config-check refuses after another product was changed: that one is taken back',{'a':'1','c':C(1)},{'is':{'a':'2','c':C('refused')},'faults':[]},AG)
case(st,'the template is that of the good generation',{'t':{'settings':{'size':1}}},{'is':{'t':{'settings':{'size':2}}},'put':{'etc/bootstrap/t.tmpl':'new {{ settings.size }} sick\n'}},AG,{'put':{'etc/bootstrap/t.tmpl':'new {{ settings.size }}\n'}},AG,beats={'t':'file'},put={'run/t.beat':'1'})
case(st,'only the template changed',{'t':{'settings':{'size':1}}},{'put':{'etc/bootstrap/t.tmpl':'new {{ settings.size }} sick\n'}},AG,{'put':{'etc/bootstrap/t.tmpl':'new {{ settings.size }}\n'}},AG,beats={'t':'file'},put={'run/t.beat':'1'})
case(st,'a template that was changed and verified by itself is what is gone back to',{'t':{'settings':{'size':1}}},{'put':{'etc/bootstrap/t.tmpl':'two {{ settings.size }}\n'}},{'is':{'t':{'settings':{'size':2}}},'put':{'etc/bootstrap/t.tmpl':'sick {{ settings.size }}\n'}},AG,beats={'t':'file'},put={'run/t.beat':'1'})
case(st,'by hand to a generation of an older template, and back from a failure to that',{'t':{'settings':{'size':1}}},{'is':{'t':{'settings':{'size':2}}},'put':{'etc/bootstrap/t.tmpl':'two {{ settings.size }}\n'}},{'run':'rollback 1'},{'is':{'t':{'settings':{'size':'sick'}}}},AG,beats={'t':'file'},put={'run/t.beat':'1'})
sec={'settings':{'size':{'fromFile':'/run/secret'}}}
case(st,'a secret that moved meanwhile is the new one, also in the old file',{'c':dict(version='1',**sec)},{'is':{'c':dict(version='2',**sec)},'put':{'run/secret':'two'},'faults':['c upgrade 2 fail']},AG,put={'run/secret':'one'})
case(st,'a secret that is gone keeps the server from going back',{'c':{'version':'1','settings':{'size':{'fromFile':'/run/secret'}}},'a':'1'},{'is':{'c':C('sick','1'),'a':'2'},'put':{'run/secret':None}},AG,beats={'c':'file'},put={'run/secret':'one'})
case(st,'what was edited by hand meanwhile is as the good generation has it',{'a':'1','c':C(1)},{'is':{'a':'2','c':C(1)},'put':{'etc/c.ini':'size = 9\n'},'faults':['a upgrade 2 fail']},AG)
json.dump({'up':up,'pol':pol,'st':st},open('/tmp/tables.json','w'))
